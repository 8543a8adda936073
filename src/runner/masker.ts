const MARK = '***';

interface Span {
  start: number;
  end: number;
}

/**
 * Replaces every occurrence of the secrets in a byte stream by `***`, also where chunks cut one in two.
 * Occurrences that overlap become one mark. What could be the beginning of a secret is held back until the next
 * chunk or `end()`, at most the longest secret's length. Bytes are handled as latin1 text: one character is one byte.
 */
export class Masker {
  readonly #secrets: readonly string[];
  #held = '';
  /** How much of the beginning of `#held` belongs to an occurrence whose mark is already written. */
  #covered = 0;

  constructor(secrets: Iterable<string>) {
    this.#secrets = [...new Set(secrets)]
      .filter((secret) => secret !== '')
      .map((secret) => Buffer.from(secret).toString('latin1'));
  }

  push(chunk: Buffer): Buffer {
    if (this.#secrets.length === 0) return chunk;
    const text = this.#held + chunk.toString('latin1');
    return this.#release(text, this.#heldFrom(text));
  }

  /** The rest; the masker is then as new. */
  end(): Buffer {
    return this.#release(this.#held, this.#held.length);
  }

  #release(text: string, until: number): Buffer {
    let out = '';
    let position = 0;
    let covered = 0;
    for (const { start, end } of this.#occurrences(text)) {
      const goesOn = start === 0 && this.#covered > 0;
      if (start >= until && !goesOn) break;
      out += text.slice(position, start) + (goesOn ? '' : MARK);
      position = end;
      covered = Math.max(0, end - until);
    }
    out += text.slice(position, Math.max(position, until));
    this.#held = text.slice(until);
    this.#covered = covered;
    return Buffer.from(out, 'latin1');
  }

  /** Where secrets are in `text`, in order, those that overlap joined. */
  #occurrences(text: string): Span[] {
    const spans: Span[] = this.#covered > 0 ? [{ start: 0, end: this.#covered }] : [];
    for (const secret of this.#secrets) {
      for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
        spans.push({ start: at, end: at + secret.length });
      }
    }
    return join(spans);
  }

  /** Start of the longest end of `text` that a following chunk could complete to a secret. */
  #heldFrom(text: string): number {
    let from = text.length;
    for (const secret of this.#secrets) {
      const first = secret.charAt(0);
      let at = text.indexOf(first, Math.max(0, text.length - secret.length + 1));
      while (at >= 0 && at < from && !secret.startsWith(text.slice(at))) at = text.indexOf(first, at + 1);
      if (at >= 0 && at < from) from = at;
    }
    return from;
  }
}

/** A whole text, masked. */
export function maskText(text: string, secrets: Iterable<string>): string {
  const masker = new Masker(secrets);
  return Buffer.concat([masker.push(Buffer.from(text)), masker.end()]).toString();
}

function join(spans: Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last !== undefined && span.start < last.end) last.end = Math.max(last.end, span.end);
    else joined.push({ ...span });
  }
  return joined;
}
