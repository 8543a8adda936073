import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { LoopFactory } from './loop-factory.js';
import { RECONCILER_MARK } from './reconciler.decorator.js';
import type { Reconciler } from './reconciler.js';
import { ReconcilerRegistry } from './reconciler.registry.js';

/** Finds the providers marked by `@ReconcilerFor` and registers a loop for each. */
@Injectable()
export class ReconcilerExplorer {
  readonly #discovery: DiscoveryService;
  readonly #factory: LoopFactory;
  readonly #registry: ReconcilerRegistry;

  constructor(discovery: DiscoveryService, factory: LoopFactory, registry: ReconcilerRegistry) {
    this.#discovery = discovery;
    this.#factory = factory;
    this.#registry = registry;
  }

  /** To be called once, before the informers start: loops register theirs. */
  explore(): void {
    for (const wrapper of this.#discovery.getProviders({ metadataKey: RECONCILER_MARK.KEY })) {
      const options = this.#discovery.getMetadataByDecorator(RECONCILER_MARK, wrapper);
      if (options === undefined) continue;
      this.#registry.add(this.#factory.create(options, wrapper.instance as Reconciler));
    }
  }
}
