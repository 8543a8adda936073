import { Injectable } from '@nestjs/common';
import type { ReconcileLoop } from './reconcile-loop.js';

/** The loops of this process, by name; filled once at start. */
@Injectable()
export class ReconcilerRegistry {
  readonly #loops = new Map<string, ReconcileLoop>();

  get loops(): readonly ReconcileLoop[] {
    return [...this.#loops.values()];
  }

  /** @throws Error when the name is taken: two loops would share their metrics */
  add(loop: ReconcileLoop): void {
    if (this.#loops.has(loop.name)) throw new Error(`two reconcilers are called "${loop.name}"`);
    this.#loops.set(loop.name, loop);
  }
}
