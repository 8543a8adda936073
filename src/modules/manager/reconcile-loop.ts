import { keyOf, parseKey } from '../../api/meta/key.js';
import type { KubernetesObject } from '../../api/meta/object.js';
import type { Clock } from '../../domain/clock.js';
import type { Informer, InformerEvent } from '../kubernetes/informer.js';
import { type Interruption, judge, type PassEnd, type PassResult, type QueueAction } from './outcome-table.js';
import type { PassLogger } from './pass-logger.js';
import { PassRecord, type PassScope } from './pass-scope.js';
import type { Reconciler, Watch } from './reconciler.js';
import type { Cause, WorkQueue } from './work-queue.js';

/** Aborts were ignored for so long that no await under the signal can be left: only a restart frees the worker. */
const WEDGED_AFTER_TIMEOUTS = 3;

export interface ReconcileLoopOptions {
  readonly name: string;
  readonly informer: Informer<KubernetesObject>;
  readonly reconciler: Reconciler;
  readonly watches: readonly Watch[];
  readonly concurrency: number;
  readonly passTimeoutMs: number;
  readonly queue: WorkQueue;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly createLogger: (fields: Readonly<Record<string, string>>) => PassLogger;
  readonly scope: PassScope;
  readonly onPass: (result: PassResult, durationMs: number) => void;
  /** Told of a pass that wrote something which nothing but the resync had asked for. */
  readonly onHealed: () => void;
  /** Asked before each pass: is this process still the leader? */
  readonly mayRun: () => boolean;
}

/** Runs one reconciler: workers that take keys, passes with a timeout, and what follows from how they end. */
export class ReconcileLoop {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly informer: Informer<KubernetesObject>;
  readonly #options: ReconcileLoopOptions;
  readonly #passes = new Set<(why: Interruption) => void>();

  constructor(options: ReconcileLoopOptions) {
    this.name = options.name;
    this.queue = options.queue;
    this.informer = options.informer;
    this.#options = options;
  }

  /** True when a pass ignored its abort for so long that the worker is lost. */
  get wedged(): boolean {
    return this.queue.longestRunningMs > WEDGED_AFTER_TIMEOUTS * this.#options.passTimeoutMs;
  }

  /** Takes in events, beginning with everything that is cached, and starts the workers. To be called once, as the leader. */
  start(): void {
    const { informer, reconciler, watches, concurrency } = this.#options;
    reconciler.onStart?.((key) => this.queue.add(checked(key)));
    informer.onEvent((event) => this.queue.add(keyOf(event.object.metadata), causeOf(event)));
    for (const watch of watches) {
      watch.informer.onEvent((event) => {
        for (const key of watch.mapToKeys(event)) this.queue.add(checked(key), causeOf(event));
      });
    }
    for (let worker = 0; worker < concurrency; worker += 1) void this.#work();
  }

  /** Hands out no further key; passes that run may finish. */
  stopTaking(): void {
    this.queue.shutDown();
  }

  /** Resolves once no pass runs, after `stopTaking`. */
  drained(): Promise<void> {
    return this.queue.drained();
  }

  /** Aborts every pass that runs. */
  abort(): void {
    for (const abort of this.#passes) abort('stopping');
  }

  async #work(): Promise<void> {
    for (let key = await this.queue.take(); key !== undefined; key = await this.queue.take()) {
      try {
        if (this.#options.mayRun()) await this.#pass(key);
      } finally {
        this.queue.done(key);
      }
    }
  }

  async #pass(key: string): Promise<void> {
    const { clock, passTimeoutMs, scope, onPass } = this.#options;
    const controller = new AbortController();
    let interruption: Interruption | undefined;
    const abort = (why: Interruption): void => {
      interruption ??= why;
      controller.abort(new Error(why === 'timeout' ? 'the pass took too long' : 'the process stops'));
    };
    const cancelTimeout = clock.setTimer(passTimeoutMs, () => abort('timeout'));
    this.#passes.add(abort);
    const logger = this.#logger(key);
    const startedMs = clock.monotonicMs();
    const record = new PassRecord(() => this.queue.causeOf(key));
    const end = await scope.run(record, () => this.#reconcile(key, controller.signal, logger));
    cancelTimeout();
    this.#passes.delete(abort);
    if (record.healed) this.#reportHealed(record, logger);
    const { result, queue, log } = judge(end, interruption);
    this.#apply(key, queue);
    if (log !== undefined) logger[log.level](log.fields, log.message);
    onPass(result, clock.monotonicMs() - startedMs);
  }

  async #reconcile(key: string, signal: AbortSignal, logger: PassLogger): Promise<PassEnd> {
    const { reconciler, clock } = this.#options;
    try {
      return { outcome: await reconciler.reconcile(key, { signal, logger, now: () => clock.now() }) };
    } catch (error) {
      return { error };
    }
  }

  /** Right after it, whatever came of it: somebody should find out why no event told. */
  #reportHealed({ writes }: PassRecord, logger: PassLogger): void {
    logger.warn({ writes }, 'the resync found what no event had told');
    this.#options.onHealed();
  }

  #apply(key: string, action: QueueAction): void {
    if (action.kind === 'addRateLimited') {
      this.queue.addRateLimited(key, action.atLeastMs);
      return;
    }
    this.queue.forget(key);
    if (action.kind === 'forgetAndAddAfter') this.queue.addAfter(key, action.ms, action.cause);
  }

  #logger(key: string): PassLogger {
    const { createLogger, name, informer, newId } = this.#options;
    const object = parseKey(key);
    const { kind } = informer.resource;
    return createLogger({ reconciler: name, kind, ...object, cause: this.queue.causeOf(key), reconcileID: newId() });
  }
}

/** What a watch had passed over is the resync's find. */
function causeOf({ missed }: InformerEvent<KubernetesObject>): Cause {
  return missed === true ? 'resync' : 'event';
}

/** A mapping that makes up keys is reported where it happens; in the queue, the key would end the worker that takes it. */
function checked(key: string): string {
  const { namespace, name } = parseKey(key);
  return keyOf({ namespace, name });
}
