/** The last bytes of a stream, in a buffer of fixed size. */
export class OutputTail {
  readonly #ring: Buffer;
  #written = 0;

  constructor(bytes: number) {
    this.#ring = Buffer.alloc(bytes);
  }

  push(bytes: Buffer): void {
    const size = this.#ring.length;
    const last = bytes.subarray(Math.max(0, bytes.length - size));
    const at = (this.#written + bytes.length - last.length) % size;
    const first = last.copy(this.#ring, at);
    last.copy(this.#ring, 0, first);
    this.#written += bytes.length;
  }

  /** As UTF-8; a character that the beginning cuts becomes U+FFFD. */
  text(): string {
    const size = this.#ring.length;
    if (this.#written <= size) return this.#ring.toString('utf8', 0, this.#written);
    const at = this.#written % size;
    return Buffer.concat([this.#ring.subarray(at), this.#ring.subarray(0, at)]).toString();
  }
}
