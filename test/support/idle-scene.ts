import type { KubernetesObject } from '../../src/api/meta/object.js';
import type { AgentRunSpec } from '../../src/api/v1alpha1/agent-run.types.js';
import { writesOf } from './audit.js';
import { auditLog } from './cluster.js';
import { metricsOf, restartsOf } from './control-plane-pod.js';
import { GitRepository } from './git-repository.js';
import { Installation } from './installation.js';
import { Recording } from './recording.js';
import { anAgent, aProvider, aRun } from './run-objects.js';
import type { RecordedNote } from './run-scene.js';

const VALUES = {
  env: [{ name: 'JANGAR_RESYNC_SECONDS', value: '60' }],
  // Others may use the time: a control plane that their load keeps from its Lease would start again and not be idle.
  resources: { requests: { cpu: '250m', memory: '192Mi' } },
};

const PATIENT = { terminationGracePeriodSeconds: 2, startDeadlineSeconds: 3600 };
const AGENTS = [
  anAgent('worker', { pod: PATIENT, defaults: { timeoutSeconds: 3600 } }),
  anAgent('strict', { security: { allowedRepositories: [] } }),
  anAgent('homeless', { providerRef: { name: 'missing' } }),
  anAgent('misled', { providerRef: { name: 'mistaken' } }),
  anAgent('elsewhere', { runtime: { type: 'argo' } }),
  anAgent('nowhere', { pod: PATIENT, runtime: { type: 'job', job: { nodeSelector: { disk: 'none' } } } }),
];
const PROVIDERS = [aProvider('shell'), aProvider('mistaken', { argsTemplate: ['{{ env.HOME }}'] })];

interface LastingRun {
  readonly agent?: string;
  readonly script?: string;
  readonly spec?: Partial<AgentRunSpec>;
}

/** Runs that stay as they are, by the reason they come to. */
const SETTLED: Readonly<Record<string, LastingRun>> = {
  Succeeded: {},
  AgentError: { script: 'false' },
  Cancelled: { agent: 'missing', spec: { cancel: true } },
  RepositoryNotAllowed: { agent: 'strict' },
  Running: { script: 'exec sleep 3600' },
};
/** The same, and an event tells of each once it has lasted. */
const BLOCKED: Readonly<Record<string, LastingRun>> = {
  AgentNotFound: { agent: 'missing' },
  ProviderNotFound: { agent: 'homeless' },
  ProviderNotReady: { agent: 'misled' },
  RuntimeNotSupported: { agent: 'elsewhere' },
  Unschedulable: { agent: 'nowhere' },
  ImagePull: { spec: { workload: { image: 'registry.invalid/none:1' } } },
};
const RUNS = { ...SETTLED, ...BLOCKED };

/** How many objects each reconciler has in the scene. */
const OBJECTS: Readonly<Record<string, number>> = {
  agent: AGENTS.length,
  'agent-provider': PROVIDERS.length,
  'agent-run': Object.keys(RUNS).length,
};
const RESULTS = ['success', 'requeue_after', 'terminal', 'conflict', 'error', 'aborted'];

/** What a control plane did while nothing happened; figures of reconcilers are per object. */
export interface IdleReport {
  /** Requests that were no reads, as `verb resource name`. */
  readonly writes: readonly string[];
  /** How often the resync put back every object. */
  readonly resyncs: Readonly<Record<string, number>>;
  readonly passes: Readonly<Record<string, number>>;
  readonly restarts: number;
  /** Of one processor. */
  readonly cpuPercent: number;
}

interface Lease extends KubernetesObject {
  readonly spec: { readonly renewTime?: string };
}

/** An installation with runs in every state that lasts, in which nothing happens from a moment on. */
export class IdleScene {
  #from = new Date(0);
  #before: ReadonlyMap<string, number> = new Map();

  private constructor(
    readonly installation: Installation,
    private readonly events: Recording<RecordedNote>,
    private readonly leases: Recording<Lease>,
  ) {}

  static async create(): Promise<IdleScene> {
    const installation = await Installation.create('idle', VALUES);
    const below = (api: string): string => `/apis/${api}/v1/namespaces/${installation.namespace}`;
    const events = await Recording.start<RecordedNote>(`${below('events.k8s.io')}/events`);
    const leases = await Recording.start<Lease>(`${below('coordination.k8s.io')}/leases`);
    return new IdleScene(installation, events, leases);
  }

  /** Where runs of other namespaces find the scene's repository. */
  get repositoryUrl(): string {
    return `http://git-server.${this.installation.namespace}/sample.git`;
  }

  /** Resolves once every run has come to rest and all was said of it: the idle time begins. */
  async settle(): Promise<void> {
    await GitRepository.serve(this.installation);
    const runs = Object.entries(RUNS).map(([reason, { agent = 'worker', script = 'true', spec }]) =>
      aRun(nameOf(reason), script, { agentRef: { name: agent }, ...spec }),
    );
    await this.installation.apply(...PROVIDERS, ...AGENTS, ...runs);
    const rests = Object.keys(RUNS).map((reason) =>
      this.installation.field(`agentrun/${nameOf(reason)}`, '.status.reason', reason),
    );
    await Promise.all([...rests, ...Object.keys(BLOCKED).map((reason) => this.#told(nameOf(reason)))]);
    const seen = this.leases.events.length;
    const lease = await this.leases.until((event) => this.leases.events.indexOf(event) >= seen);
    this.#from = renewalOf(lease);
    this.#before = await metricsOf(this.installation);
  }

  /** Waits for the rest of so many seconds, by the Lease that is renewed all the time, and tells what happened in them. */
  async report(seconds: number): Promise<IdleReport> {
    const from = this.#from;
    const to = new Date(from.getTime() + seconds * 1000);
    await this.leases.until(({ object }) => renewalOf(object) >= to, (seconds + 60) * 1000);
    const after = await metricsOf(this.installation);
    const grown = (series: string): number => (after.get(series) ?? 0) - (this.#before.get(series) ?? 0);
    const perObject = (series: (reconciler: string) => readonly string[]): Record<string, number> =>
      Object.fromEntries(
        Object.entries(OBJECTS).map(([reconciler, count]) => {
          const growth = series(reconciler).map(grown);
          return [reconciler, growth.reduce((sum, value) => sum + value, 0) / count];
        }),
      );
    return {
      writes: writesOf(this.installation.username, { from, to }, await auditLog()),
      resyncs: perObject((reconciler) => [`jangar_resync_total{reconciler="${reconciler}"}`]),
      passes: perObject((reconciler) =>
        RESULTS.map((result) => `jangar_reconcile_total{reconciler="${reconciler}",result="${result}"}`),
      ),
      restarts: await restartsOf(this.installation),
      cpuPercent: (grown('process_cpu_seconds_total') / seconds) * 100,
    };
  }

  async delete(): Promise<void> {
    this.events.stop();
    this.leases.stop();
    await this.installation.delete();
  }

  #told(name: string): Promise<RecordedNote> {
    return this.events.until(({ object }) => object.reason === 'Blocked' && object.regarding.name === name);
  }
}

function nameOf(reason: string): string {
  return reason.toLowerCase();
}

function renewalOf({ spec }: Lease): Date {
  return new Date(spec.renewTime ?? 0);
}
