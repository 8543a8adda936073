import { Agent, type Dispatcher, request } from 'undici';
import { lines } from './lines.js';

/** A key's new value, or its end; bytes are base64 and 64-bit numbers texts, as etcd's JSON gateway writes them. */
export interface EtcdEvent {
  /** Absent: PUT. */
  readonly type?: 'DELETE';
  readonly kv: {
    readonly key: string;
    /** Absent for DELETE. */
    readonly value?: string;
    readonly create_revision?: string;
    readonly mod_revision: string;
  };
}

interface WatchAnswer {
  result?: {
    created?: boolean;
    canceled?: boolean;
    cancel_reason?: string;
    compact_revision?: string;
    events?: EtcdEvent[];
  };
  error?: { message?: string };
}

/** Every key: etcd's mark for an open range is one zero byte. */
const EVERYTHING = btoa('\0');

/** Follows every key of etcd from its first revision. A revision is never split over two calls of `seen`. */
export class EtcdWatch {
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  readonly #seen: (events: readonly EtcdEvent[]) => void;
  readonly #failed: (error: Error) => void;
  #followed: Promise<void> | undefined;

  private constructor(seen: (events: readonly EtcdEvent[]) => void, failed: (error: Error) => void) {
    this.#seen = seen;
    this.#failed = failed;
  }

  /**
   * Resolves once etcd has accepted the watch.
   *
   * @param failed when nothing more will be seen though nobody has stopped it
   */
  static async start(
    etcdUrl: string,
    seen: (events: readonly EtcdEvent[]) => void,
    failed: (error: Error) => void,
  ): Promise<EtcdWatch> {
    const watch = new EtcdWatch(seen, failed);
    const body = { create_request: { key: EVERYTHING, range_end: EVERYTHING, start_revision: '1' } };
    const answer = await request(`${etcdUrl}/v3/watch`, {
      method: 'POST',
      body: JSON.stringify(body),
      dispatcher: watch.#agent,
    });
    watch.#followed = watch.#follow(answer.body);
    return watch;
  }

  /** Nothing is told any more once it has resolved. */
  async stop(): Promise<void> {
    await this.#agent.destroy();
    await this.#followed;
  }

  async #follow(body: Dispatcher.ResponseData['body']): Promise<void> {
    try {
      for await (const line of lines(body)) this.#take(JSON.parse(line) as WatchAnswer);
      this.#failed(new Error('etcd ended the watch'));
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error('the watch of etcd broke'));
    }
  }

  #take({ result, error }: WatchAnswer): void {
    if (error !== undefined) throw new Error(`etcd refused the watch: ${error.message ?? 'unknown'}`);
    if (result?.canceled === true) {
      const compacted = result.compact_revision === undefined ? '' : ': etcd was compacted before the history began';
      throw new Error(`etcd ended the watch${compacted} ${result.cancel_reason ?? ''}`.trim());
    }
    if (result?.events !== undefined) this.#seen(result.events);
  }
}
