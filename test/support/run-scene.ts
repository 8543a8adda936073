import { once } from 'node:events';
import { findCondition } from '../../src/api/meta/condition.js';
import { LABELS } from '../../src/api/meta/labels.js';
import type { KubernetesObject } from '../../src/api/meta/object.js';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import type { Job, Pod } from '../../src/modules/runtime/job/job.types.js';
import { startKubectl } from './cluster.js';
import { GitRepository } from './git-repository.js';
import { Installation } from './installation.js';
import { Recording } from './recording.js';
import type { Applied } from './run-objects.js';
import { checkStatusInvariants } from './status-invariants.js';

/** An events.k8s.io/v1 Event, as far as tests look at it. */
export interface RecordedNote extends KubernetesObject {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly kind: string; readonly name: string; readonly uid: string };
}

interface Recordings {
  readonly runs: Recording<AgentRun>;
  readonly jobs: Recording<Job>;
  readonly pods: Recording<Pod>;
  readonly events: Recording<RecordedNote>;
}

/** All runs of a test file are there at the same time, and none is to wait for another. */
const EVERYBODY_AT_ONCE = { admission: { maxRunsPerNamespace: 100, maxRunsPerAgent: 100 } };

/** Jangar in a namespace of its own with a repository to work on, and a record of what happens there. */
export class RunScene {
  readonly runs: Recording<AgentRun>;
  readonly jobs: Recording<Job>;
  readonly pods: Recording<Pod>;
  readonly events: Recording<RecordedNote>;

  private constructor(
    readonly installation: Installation,
    readonly repository: GitRepository,
    recordings: Recordings,
  ) {
    this.runs = recordings.runs;
    this.jobs = recordings.jobs;
    this.pods = recordings.pods;
    this.events = recordings.events;
  }

  /** @param values of the chart, besides the limits */
  static async create(prefix: string, values: Readonly<Record<string, unknown>> = {}): Promise<RunScene> {
    const installation = await Installation.create(prefix, { ...EVERYBODY_AT_ONCE, ...values });
    const below = (api: string, resource: string): string => `${api}/namespaces/${installation.namespace}/${resource}`;
    const [repository, runs, jobs, pods, events] = await Promise.all([
      GitRepository.serve(installation),
      Recording.start<AgentRun>(below('/apis/agents.proompteng.ai/v1alpha1', 'agentruns')),
      Recording.start<Job>(below('/apis/batch/v1', 'jobs')),
      Recording.start<Pod>(below('/api/v1', 'pods')),
      Recording.start<RecordedNote>(below('/apis/events.k8s.io/v1', 'events')),
    ]);
    return new RunScene(installation, repository, { runs, jobs, pods, events });
  }

  apply(...objects: readonly Applied[]): Promise<void> {
    return this.installation.apply(...objects);
  }

  /**
   * Applies runs once everything else is there and looked at: none of them is then Blocked for a moment.
   * @param agents the names of those that will be Ready
   */
  async applyInOrder(objects: readonly Applied[], agents: readonly string[] = ['--all']): Promise<void> {
    await this.apply(...objects.filter(({ kind }) => kind !== 'AgentRun'));
    await this.installation.kubectl(['wait', '--for=condition=Ready', 'agents', ...agents, '--timeout=60s']);
    await this.apply(...objects.filter(({ kind }) => kind === 'AgentRun'));
  }

  /** The run once it is over. */
  finished(name: string): Promise<AgentRun> {
    return this.runs.reached(name, ({ status }) => findCondition(status?.conditions, 'Finished')?.status === 'True');
  }

  /** The run once a condition is True with a reason. */
  became(name: string, type: string, reason: string): Promise<AgentRun> {
    return this.runs.reached(name, ({ status }) => {
      const condition = findCondition(status?.conditions, type);
      return condition?.status === 'True' && condition.reason === reason;
    });
  }

  /** The event about an object, once it is there. */
  event(name: string, reason: string): Promise<RecordedNote> {
    return this.events.until(({ object }) => object.regarding.name === name && object.reason === reason);
  }

  /** Everything that a container of the run printed. */
  log({ status }: AgentRun, container = 'agent'): Promise<string> {
    return this.installation.kubectl(['logs', `job/${status?.runtimeRef?.name ?? ''}`, '--container', container]);
  }

  /** Follows the log of a running agent; resolves once its first line is there, and `ended` with all of it. */
  async follow({ status }: AgentRun): Promise<{ ended: Promise<string> }> {
    const job = `job/${status?.runtimeRef?.name ?? ''}`;
    const { namespace } = this.installation;
    const kubectl = await startKubectl(['--namespace', namespace, 'logs', job, '--container=agent', '--follow']);
    let log = '';
    kubectl.stdout.on('data', (text: Buffer) => (log += text.toString()));
    const ended = once(kubectl, 'close').then(() => log);
    await Promise.race([once(kubectl.stdout, 'data'), ended]);
    return { ended };
  }

  /** The pod of a run's only attempt, as it was last. */
  pod({ metadata }: AgentRun): Pod | undefined {
    return this.pods.events.findLast(({ object }) => uidOf(object) === metadata.uid)?.object;
  }

  /** Jobs, pods and ConfigMaps that are there for a run, as `kind/name`. */
  async children({ metadata }: AgentRun): Promise<string[]> {
    const selector = `--selector=${LABELS.agentRunUid}=${metadata.uid}`;
    const names = await this.installation.kubectl(['get', 'jobs,pods,configmaps', selector, '--output=name']);
    return names.split('\n').filter((name) => name !== '');
  }

  /** Jobs and pods that were ever made for a run. */
  made({ metadata }: AgentRun): string[] {
    const added = [...this.jobs.events, ...this.pods.events].filter(({ type }) => type === 'ADDED');
    return added.filter(({ object }) => uidOf(object) === metadata.uid).map(({ object }) => object.metadata.name);
  }

  /** What of a run's workload still costs something: Jobs without a verdict and pods that are not over. */
  async live({ metadata }: AgentRun): Promise<string[]> {
    const selector = `--selector=${LABELS.agentRunUid}=${metadata.uid}`;
    const [jobs, pods] = await Promise.all([
      this.installation.list<Job>('jobs', selector),
      this.installation.list<Pod>('pods', selector),
    ]);
    const unfinished = jobs.filter(({ status }) => !status?.conditions?.some(isVerdict));
    const running = pods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
    return [...unfinished, ...running].map((child) => `${child.kind}/${child.metadata.name}`);
  }

  /** Checks every version of every run that the API server has stored so far. */
  checkInvariants(secrets: readonly string[] = []): void {
    const before = new Map<string, AgentRun>();
    for (const { object } of this.runs.events) {
      const previous = before.get(object.metadata.uid);
      checkStatusInvariants(object, { ...(previous && { previous }), secrets });
      before.set(object.metadata.uid, object);
    }
  }

  async delete(): Promise<void> {
    for (const recording of [this.runs, this.jobs, this.pods, this.events]) recording.stop();
    await this.installation.delete();
  }
}

function uidOf({ metadata }: KubernetesObject): string | undefined {
  return metadata.labels?.[LABELS.agentRunUid];
}

function isVerdict({ type, status }: { type: string; status: string }): boolean {
  return status === 'True' && (type === 'Complete' || type === 'Failed');
}
