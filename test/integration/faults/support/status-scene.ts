import { keyOf, parseKey } from '../../../../src/api/meta/key.js';
import type { Agent, AgentStatus } from '../../../../src/api/v1alpha1/agent.types.js';
import { EventRecorder } from '../../../../src/modules/kubernetes/event-recorder.js';
import type { Informer } from '../../../../src/modules/kubernetes/informer.js';
import { AGENTS } from '../../../../src/modules/kubernetes/resource.js';
import { done, type Outcome } from '../../../../src/modules/manager/outcome.js';
import type { PassResult } from '../../../../src/modules/manager/outcome-table.js';
import type { PassLogger } from '../../../../src/modules/manager/pass-logger.js';
import { PassScope } from '../../../../src/modules/manager/pass-scope.js';
import { ReconcileLoop } from '../../../../src/modules/manager/reconcile-loop.js';
import { StatusWriter } from '../../../../src/modules/manager/status-writer.js';
import { WorkQueue } from '../../../../src/modules/manager/work-queue.js';
import type { ApiServer } from '../../../support/api-server.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { FaultProxy } from '../../../support/fault-proxy/fault-proxy.js';
import { kubernetesStack, type KubernetesStack } from '../../../support/kubernetes-stack.js';

const PATH = '/apis/agents.proompteng.ai/v1alpha1/namespaces';
const LAST_TRANSITION = '2026-01-13T09:00:00Z';
const IGNORE = { added: () => undefined, retried: () => undefined, taken: () => undefined };
/** How long the recorder's stop waits for the server. */
const FLUSH_MS = 3000;
/** The queue's, without jitter: a test can name the next wait. */
const BACK_OFF = { initialMs: 500, maxMs: 300_000, jitter: 0 };

/**
 * A loop that writes into the status of each Agent which provider it names, through a proxy, on a clock that the test
 * moves. The test itself talks to the server directly.
 */
export class StatusScene {
  readonly clock = new FakeClock();
  readonly proxy: FaultProxy;
  readonly loop: ReconcileLoop;
  readonly results: PassResult[] = [];
  /** Levels of what the passes logged. */
  readonly logged = new Set<string>();
  /** Part of every status: a new value makes all of them out of date. */
  round = 1;
  /** Whether each pass records an event. */
  recordEvents = false;
  readonly events: EventRecorder;
  readonly #server: ApiServer;
  readonly #namespace: string;
  readonly #stack: KubernetesStack;
  readonly #agents: Informer<Agent>;
  readonly #writer: StatusWriter;

  private constructor(server: ApiServer, proxy: FaultProxy, namespace: string) {
    this.#server = server;
    this.proxy = proxy;
    this.#namespace = namespace;
    this.#stack = kubernetesStack({ kubeconfig: proxy.kubeconfigPath }, [namespace], this.clock);
    this.#agents = this.#stack.informers.register(AGENTS, {});
    this.#writer = new StatusWriter(this.#stack.client);
    const observer = { eventFinished: (result: string) => this.#stack.eventResults.push(result) };
    const random = (): number => 0.5;
    this.events = new EventRecorder(this.#stack.client, this.clock, random, observer, { instance: 'jangar-test' });
    this.loop = this.#makeLoop(random);
  }

  /** Makes the namespace, which has to be new, and starts the loop. Whoever opens it closes it. */
  static async open(server: ApiServer, namespace: string): Promise<StatusScene> {
    await server.client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
    const scene = new StatusScene(server, await FaultProxy.start(server), namespace);
    const { signal } = new AbortController();
    scene.#stack.informers.start(signal);
    await scene.#stack.informers.waitForSync(signal);
    scene.loop.start();
    return scene;
  }

  /** What became of each event. */
  get eventResults(): readonly string[] {
    return this.#stack.eventResults;
  }

  /** HTTP codes of the status writes, in order of their arrival; 0: no answer was let through. */
  get codes(): number[] {
    return this.proxy.requests.filter(({ subresource }) => subresource === 'status').map(({ code }) => code);
  }

  async create(name: string, provider: string): Promise<void> {
    const body = { apiVersion: 'agents.proompteng.ai/v1alpha1', kind: 'Agent', metadata: { name }, spec: {} };
    body.spec = { providerRef: { name: provider } };
    await this.#send('POST', '', body);
  }

  async setProvider(name: string, provider: string): Promise<void> {
    await this.#send('PATCH', `/${name}`, { spec: { providerRef: { name: provider } } });
  }

  async delete(name: string): Promise<void> {
    await this.#send('DELETE', `/${name}`);
  }

  /** Has the loop look at an Agent for no reason. */
  wake(name: string): void {
    this.loop.queue.add(keyOf({ namespace: this.#namespace, name }));
  }

  /** What the server has; undefined while there is no status. */
  async messageOf(name: string): Promise<string | undefined> {
    return messageIn((await this.#send('GET', `/${name}`)) as Agent);
  }

  /** What the cache has. */
  messageInCache(name: string): string | undefined {
    const agent = this.#agents.get(this.#namespace, name);
    return agent && messageIn(agent);
  }

  /** Of the spec that the cache has. */
  providerInCache(name: string): string | undefined {
    return this.#agents.get(this.#namespace, name)?.spec.providerRef.name;
  }

  async close(): Promise<void> {
    this.loop.stopTaking();
    this.loop.abort();
    await this.loop.drained();
    const stopped = this.events.stop();
    await this.clock.advance(FLUSH_MS);
    await stopped;
    await this.#stack.close();
    await this.proxy.stop();
  }

  #makeLoop(random: () => number): ReconcileLoop {
    const { clock } = this;
    return new ReconcileLoop({
      name: 'agent',
      informer: this.#agents,
      reconciler: { reconcile: (key, { signal }) => this.#reconcile(key, signal) },
      watches: [],
      concurrency: 4,
      passTimeoutMs: 120_000,
      queue: new WorkQueue({ clock, random, backOff: BACK_OFF, observer: IGNORE }),
      clock,
      newId: () => 'id',
      createLogger: () => this.#logger(),
      scope: new PassScope(),
      onPass: (result) => this.results.push(result),
      onHealed: () => undefined,
      mayRun: () => true,
    });
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const agent = this.#agents.get(this.#namespace, parseKey(key).name);
    if (agent === undefined) return done();
    await this.#writer.write(AGENTS, agent, this.#statusOf(agent), signal);
    if (this.recordEvents) {
      this.events.record(agent, { type: 'Normal', reason: 'Seen', action: 'Look', note: messageOf(agent, this.round) });
    }
    return done();
  }

  #statusOf(agent: Agent): AgentStatus {
    const { generation = 0 } = agent.metadata;
    const condition = { type: 'Ready', status: 'True', reason: 'Seen', observedGeneration: generation } as const;
    const message = messageOf(agent, this.round);
    return {
      observedGeneration: generation,
      conditions: [{ ...condition, message, lastTransitionTime: LAST_TRANSITION }],
    };
  }

  #logger(): PassLogger {
    const log = (level: string) => () => void this.logged.add(level);
    return {
      assign: () => undefined,
      debug: log('debug'),
      info: log('info'),
      warn: log('warn'),
      error: log('error'),
    };
  }

  async #send(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const url = `${PATH}/${this.#namespace}/agents${path}`;
    const answer = await this.#server.client.send(method, url, body === undefined ? {} : { body, contentType });
    if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status}`);
    return answer.body;
  }
}

function messageOf(agent: Agent, round: number): string {
  return `${agent.spec.providerRef.name} in round ${round}`;
}

/** What a stored Agent's status says; undefined when it has none. */
export function messageIn(agent: Agent): string | undefined {
  return agent.status?.conditions?.[0]?.message;
}
