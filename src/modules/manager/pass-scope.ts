import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { EVENTS } from '../kubernetes/resource.js';
import type { Write, WriteSucceeded } from '../kubernetes/write.js';
import type { Cause } from './work-queue.js';

/** Enough to see what a pass did: none plans for more than a few. */
const MAX_LISTED = 10;

/** What one pass wrote, and why it ran. */
export class PassRecord {
  readonly #cause: () => Cause;
  readonly #writes: string[] = [];
  /** Why the pass ran, as it was known when it came to write. What comes later may be the echo of that very write. */
  #causeOfWriting: Cause | undefined;

  /** @param cause why the pass runs, as far as is known when it is called */
  constructor(cause: () => Cause) {
    this.#cause = cause;
  }

  /** What was written, as `verb resource/subresource name`; the first few. */
  get writes(): readonly string[] {
    return this.#writes;
  }

  /** Whether something was written that nothing but the resync had asked for. */
  get healed(): boolean {
    return this.#writes.length > 0 && this.#causeOfWriting === 'resync';
  }

  /** The pass asks for a write. @returns to be called once it succeeded */
  onWrite({ verb, resource, subresource, name }: Write): WriteSucceeded {
    this.#causeOfWriting ??= this.#cause();
    return () => {
      if (this.#writes.length >= MAX_LISTED) return;
      const what = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
      this.#writes.push(`${verb} ${what} ${name}`);
    };
  }
}

/** Knows which pass a write belongs to, through every await in between. */
@Injectable()
export class PassScope {
  readonly #current = new AsyncLocalStorage<PassRecord>();

  /** Runs the pass; its writes go into the record. */
  run<T>(record: PassRecord, pass: () => Promise<T>): Promise<T> {
    return this.#current.run(record, pass);
  }

  /** To be called by whoever writes, in the pass. @returns to be called once the write succeeded */
  onWrite(write: Write): WriteSucceeded {
    // Events are for people and change nothing; they are written beside the pass and after it, in its name.
    const record = write.resource === EVENTS ? undefined : this.#current.getStore();
    return record?.onWrite(write) ?? ignore;
  }
}

function ignore(): void {
  // Nothing of a pass.
}
