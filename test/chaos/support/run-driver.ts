import { setTimeout as pause } from 'node:timers/promises';
import type { AgentRun } from '../../../src/api/v1alpha1/agent-run.types.js';
import { API_VERSION } from '../../../src/api/v1alpha1/group-version.js';
import type { Pod } from '../../../src/modules/runtime/job/job.types.js';
import type { ApiAnswer, ApiRequest } from '../../support/api-server/api-client.js';
import { eventually } from '../../support/eventually.js';
import type { HollowCluster } from '../../support/hollow-cluster/hollow-cluster.js';
import { type Applied, anAgent, aProvider } from '../../support/run-objects.js';
import { last, LivesOf } from './lives.js';
import type { PlannedRun } from './planned-run.js';
import type { Act } from './scenario.js';

const RETRY_MS = 100;
/** Longer than any failover: what it waits for depends on the control plane. */
const DEADLINE_MS = 90_000;
const GIT = { coordinates: { git: { url: 'https://git.example/app.git' } } };
/** Hollow pods say themselves when they stop; the grace is only the limit. */
const POD = { terminationGracePeriodSeconds: 8 };
/** Agents that leave it to the operator how runs are retried. */
const DEFAULTS = { timeoutSeconds: 120 };

/** The people of a namespace: they make runs and act on them, straight at the API server, whatever state it is in. */
export class RunDriver {
  readonly #cluster: HollowCluster;
  readonly #namespace: string;
  readonly #lives: LivesOf;

  constructor(cluster: HollowCluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#lives = new LivesOf(cluster.history, namespace);
  }

  /** What the runs refer to. */
  async prepare(): Promise<void> {
    await this.#create('agentproviders', aProvider('shell'));
    await this.#create(
      'agents',
      anAgent('worker', { pod: { ...POD, startDeadlineSeconds: 3600 }, defaults: DEFAULTS }),
    );
    await this.#create(
      'agents',
      anAgent('impatient', { pod: { ...POD, startDeadlineSeconds: 4 }, defaults: DEFAULTS }),
    );
  }

  /** Creates a run at its time and does to it what is planned. */
  async play(run: PlannedRun): Promise<void> {
    await pause(run.createAfterMs);
    await this.#create('agentruns', this.#manifest(run));
    if (run.scenario.act === undefined) return;
    await pause(run.actAfterMs);
    await this.#act(run, run.scenario.act);
  }

  #manifest({ name, scenario }: PlannedRun): Applied {
    const agent = scenario.act === 'createAgent' ? name : 'worker';
    return {
      apiVersion: API_VERSION,
      kind: 'AgentRun',
      metadata: { name },
      spec: {
        agentRef: { name: agent },
        implementation: { inline: { text: 'Do as the script says.' } },
        execution: GIT,
        parameters: { script: 'true' },
        ...scenario.spec,
      },
    };
  }

  async #act(run: PlannedRun, act: Act): Promise<void> {
    const path = this.#path('agentruns', run.name);
    switch (act) {
      case 'cancel':
        return this.#cancel(path);
      case 'cancelBetweenAttempts':
        await this.#awaited(run.name, 'to have ended an attempt', ({ status }) => status?.attempts?.at(0)?.finishedAt);
        return this.#cancel(path);
      case 'deleteRun':
        await this.#send('DELETE', path, { body: { propagationPolicy: 'Background' } });
        return;
      case 'deleteRunForeground':
        await this.#send('DELETE', path, { body: { propagationPolicy: 'Foreground' } });
        return;
      case 'remake':
        await this.#send('DELETE', path, { body: { propagationPolicy: 'Background' } });
        await this.#create('agentruns', this.#manifest(run));
        return;
      case 'deleteJob':
        return this.#deleteJob(run.name);
      case 'deletePod':
        return this.#deletePod(run.name);
      case 'createAgent':
        await this.#create('agents', anAgent(run.name, { pod: POD, defaults: DEFAULTS }));
        return;
    }
  }

  async #cancel(path: string): Promise<void> {
    const body = { spec: { cancel: true } };
    await this.#send('PATCH', path, { body, contentType: 'application/merge-patch+json' });
  }

  /** Not before the run says that it was submitted: until then, nothing could tell that there was a Job. */
  async #deleteJob(run: string): Promise<void> {
    const job = await this.#awaited(run, 'to be submitted', (stored) => stored.status?.runtimeRef?.name);
    await this.#send('DELETE', `/apis/batch/v1/namespaces/${this.#namespace}/jobs/${job}`, {
      body: { propagationPolicy: 'Background' },
    });
  }

  async #deletePod(run: string): Promise<void> {
    const pod = await this.#awaited(run, 'to have a running pod', ({ metadata }) => {
      const pods = this.#lives.ofRun('pods', metadata.uid).map((life) => last(life).object as Pod);
      return pods.find(({ status }) => status?.phase === 'Running')?.metadata.name;
    });
    await this.#send('DELETE', `/api/v1/namespaces/${this.#namespace}/pods/${pod}`);
  }

  /** Waits, by what etcd has, until something is known of a run. */
  async #awaited(run: string, what: string, find: (stored: AgentRun) => string | undefined): Promise<string> {
    return eventually(() => {
      const stored = this.#lives.runs().find((life) => last(life).object.metadata.name === run);
      const found = stored && find(last(stored).object as AgentRun);
      if (found === undefined) throw new Error(`waited for ${run} ${what}`);
      return found;
    }, DEADLINE_MS);
  }

  async #create(plural: string, object: Applied): Promise<void> {
    // A response that was lost, and for a name that is used again, an object that is still being deleted.
    for (;;) {
      const { status, body } = await this.#send('POST', this.#path(plural), { body: object });
      if (status < 300) return;
      if (status !== 409) throw new Error(`${plural} ${object.metadata.name}: ${status} ${JSON.stringify(body)}`);
      const there = await this.#send('GET', this.#path(plural, object.metadata.name));
      if (there.status === 200 && !isBeingDeleted(there.body)) return;
      await pause(RETRY_MS);
    }
  }

  #path(plural: string, name?: string): string {
    const path = `/apis/${API_VERSION}/namespaces/${this.#namespace}/${plural}`;
    return name === undefined ? path : `${path}/${name}`;
  }

  /** Again and again until the API server answers. */
  async #send(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, request?: ApiRequest): Promise<ApiAnswer> {
    for (;;) {
      const answer = await this.#cluster.server.client.send(method, path, request).catch(() => undefined);
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) return answer;
      await pause(RETRY_MS);
    }
  }
}

function isBeingDeleted(body: unknown): boolean {
  return (body as AgentRun).metadata.deletionTimestamp !== undefined;
}
