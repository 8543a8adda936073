import { formatTime } from '../../src/api/meta/condition.js';
import { keyOf } from '../../src/api/meta/key.js';
import type { KubernetesObject } from '../../src/api/meta/object.js';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { Admission } from '../../src/modules/agent-run/admission/admission.js';
import { AgentOutages } from '../../src/modules/agent-run/agent-outages.js';
import { RunGatherer } from '../../src/modules/agent-run/agent-run.gather.js';
import type { RunMetrics } from '../../src/modules/agent-run/agent-run.metrics.js';
import { isFinished } from '../../src/modules/agent-run/agent-run.plan.js';
import { AgentRunReconciler } from '../../src/modules/agent-run/agent-run.reconciler.js';
import { BlockedWatch } from '../../src/modules/agent-run/blocked-watch.js';
import { RunCaches } from '../../src/modules/agent-run/run-caches.js';
import { RunSubmitter } from '../../src/modules/agent-run/run-submitter.js';
import type { Config } from '../../src/modules/config/config.js';
import { isConflict } from '../../src/modules/kubernetes/api-error.js';
import type { EventRecorder } from '../../src/modules/kubernetes/event-recorder.js';
import {
  AGENT_PROVIDERS,
  AGENT_RUNS,
  AGENTS,
  IMPLEMENTATION_SPECS,
  JOBS,
  PODS,
  type Resource,
} from '../../src/modules/kubernetes/resource.js';
import { StatusWriter } from '../../src/modules/manager/status-writer.js';
import { JobAdapter } from '../../src/modules/runtime/job/job.adapter.js';
import type { Job } from '../../src/modules/runtime/job/job.types.js';
import { RuntimeAdapters } from '../../src/modules/runtime/runtime-adapters.js';
import { ended, judged, podOf } from './builders/job.js';
import { operatorDefaults } from './builders/operator.js';
import { CacheFeed } from './cache-feed.js';
import { FakeClock } from './fake-clock.js';
import { MemoryCluster } from './memory-cluster.js';
import { passContext } from './pass-context.js';

const WATCHED: readonly Resource<KubernetesObject>[] = [
  AGENTS,
  AGENT_PROVIDERS,
  IMPLEMENTATION_SPECS,
  AGENT_RUNS,
  JOBS,
  PODS,
];

/**
 * Passes over many runs in any order, over caches that are told of changes as late as a test likes. The reconciler,
 * admission and the caches are the real ones.
 */
export class SlotWorld {
  readonly cluster = new MemoryCluster();
  readonly clock = new FakeClock(this.cluster.now);
  /** Keys that wait for a pass. */
  readonly queue = new Set<string>();
  /** Keys that asked to be looked at later. */
  readonly #later = new Set<string>();
  readonly #feed = new CacheFeed();
  /** What the watches have seen of the cluster so far. */
  readonly #seen = new Map<string, { resource: Resource<KubernetesObject>; object: KubernetesObject }>();
  /** What each watch has still to tell, in order, by kind. */
  readonly #events = new Map<string, (() => void)[]>();
  readonly #reconciler: AgentRunReconciler;
  readonly #caches: RunCaches;
  readonly admission: Admission;

  constructor(limits: Config['admission']) {
    const config = { runs: operatorDefaults(), admission: limits } as Config;
    const { informers } = this.#feed;
    const client = this.cluster.client();
    this.#caches = new RunCaches(informers);
    const adapters = new RuntimeAdapters([new JobAdapter(informers, client)]);
    const outages = new AgentOutages(this.#caches, config, this.clock);
    this.admission = new Admission(this.#caches, adapters, outages, config, this.clock);
    this.#reconciler = new AgentRunReconciler(
      this.#caches,
      new RunGatherer(this.#caches, adapters, client, config, this.admission),
      new RunSubmitter(client, adapters),
      adapters,
      new StatusWriter(client),
      { record: () => undefined } as unknown as EventRecorder,
      { observe: () => undefined } as unknown as RunMetrics,
      new BlockedWatch(),
      client,
      this.admission,
    );
  }

  /** Begins to lead, with caches that know all that there is. */
  start(): void {
    this.deliverAll();
    this.#reconciler.onStart((key) => this.queue.add(key));
    this.#caches.runs.onEvent(({ object }) => void this.queue.add(keyOf(object.metadata)));
    for (const { informer, mapToKeys } of this.#reconciler.watches()) {
      informer.onEvent((event) => {
        for (const key of mapToKeys(event)) this.queue.add(key);
      });
    }
  }

  /** Has one of the watches tell its next event. */
  deliver(which: number): void {
    this.#record();
    const watches = [...this.#events.values()].filter((events) => events.length > 0);
    watches[which % Math.max(watches.length, 1)]?.shift()?.();
  }

  /** Has all watches tell everything. */
  deliverAll(): void {
    this.#record();
    for (const events of this.#events.values()) for (const tell of events.splice(0)) tell();
  }

  /** A pass over one of the keys that wait. @returns false when none does */
  async pass(which: number): Promise<boolean> {
    const key = [...this.queue][which % Math.max(this.queue.size, 1)];
    if (key === undefined) return false;
    this.queue.delete(key);
    try {
      const context = passContext(() => this.clock.now());
      const outcome = await this.#reconciler.reconcile(key, context);
      if (outcome.kind === 'requeueAfter') this.#later.add(key);
    } catch (error) {
      if (!isConflict(error)) throw error;
      this.#later.add(key);
    }
    this.#record();
    return true;
  }

  /** A day goes by: every back-off is over, and pods whose Job is gone were collected. */
  async nextDay(): Promise<void> {
    const jobs = new Set(this.cluster.all(JOBS).map(({ metadata }) => metadata.uid));
    for (const { metadata } of this.cluster.all(PODS)) {
      if (metadata.ownerReferences?.some(({ uid }) => jobs.has(uid))) continue;
      this.cluster.remove(PODS, metadata.namespace ?? '', metadata.name);
    }
    await this.clock.advance(24 * 60 * 60 * 1000);
    this.cluster.now = this.clock.now();
    for (const key of this.#later) this.queue.add(key);
    this.#later.clear();
  }

  /** Workloads that cost something now, as runs. */
  live(): AgentRun[] {
    return this.#liveJobs().flatMap((job) => this.runs().filter(({ metadata }) => owns(metadata.uid, job)));
  }

  /** Ends one of the live workloads; a failure is of a class that is repeated. @returns false when there is none */
  end(which: number, how: 'Complete' | 'Failed'): boolean {
    const jobs = this.#liveJobs();
    const job = jobs[which % Math.max(jobs.length, 1)];
    if (job === undefined) return false;
    const now = formatTime(this.clock.now());
    this.cluster.put(JOBS, { ...job, status: judged(how) ?? {} } as Job);
    const container = ended(how === 'Complete' ? 0 : 137, { startedAt: now, finishedAt: now });
    const failed = { phase: 'Failed', reason: 'Evicted', containerStatuses: [container] };
    const status = how === 'Complete' ? { phase: 'Succeeded', containerStatuses: [container] } : failed;
    this.cluster.put(PODS, podOf(job, status));
    return true;
  }

  /** What the API server has. */
  runs(): AgentRun[] {
    return this.cluster.all(AGENT_RUNS);
  }

  unfinished(): AgentRun[] {
    return this.runs().filter((run) => !isFinished(run));
  }

  #liveJobs(): Job[] {
    const uids = new Set(this.runs().map(({ metadata }) => metadata.uid));
    return this.cluster
      .all<Job>(JOBS)
      .filter((job) => job.status?.conditions === undefined && [...uids].some((uid) => owns(uid, job)));
  }

  /** Has the watches see what is there now: an object that comes and goes is two events, however late they are told. */
  #record(): void {
    const there = new Set<string>();
    for (const resource of WATCHED) {
      for (const object of this.cluster.all<KubernetesObject>(resource)) {
        const id = `${resource.plural}/${keyOf(object.metadata)}`;
        there.add(id);
        if (this.#seen.get(id)?.object.metadata.resourceVersion === object.metadata.resourceVersion) continue;
        this.#seen.set(id, { resource, object });
        this.#queueEvent(resource, () => this.#feed.deliver(resource, structuredClone(object)));
      }
    }
    for (const [id, { resource, object }] of this.#seen) {
      if (there.has(id)) continue;
      this.#seen.delete(id);
      this.#queueEvent(resource, () => this.#feed.remove(resource, object));
    }
  }

  #queueEvent({ plural }: Resource<KubernetesObject>, tell: () => void): void {
    const events = this.#events.get(plural) ?? [];
    this.#events.set(plural, events);
    events.push(tell);
  }
}

function owns(uid: string, { metadata }: Job): boolean {
  return metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;
}
