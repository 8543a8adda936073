import { formatTime } from '../../src/api/meta/condition.js';
import type { AgentRunSpec, AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import type { Config } from '../../src/modules/config/config.js';
import type { Admission } from '../../src/modules/agent-run/admission/admission.js';
import { RunGatherer } from '../../src/modules/agent-run/agent-run.gather.js';
import type { RunMetrics } from '../../src/modules/agent-run/agent-run.metrics.js';
import { AgentRunReconciler } from '../../src/modules/agent-run/agent-run.reconciler.js';
import { BlockedWatch } from '../../src/modules/agent-run/blocked-watch.js';
import { RunCaches } from '../../src/modules/agent-run/run-caches.js';
import { RunSubmitter } from '../../src/modules/agent-run/run-submitter.js';
import { isConflict } from '../../src/modules/kubernetes/api-error.js';
import type { EventRecorder } from '../../src/modules/kubernetes/event-recorder.js';
import {
  AGENT_PROVIDERS,
  AGENT_RUNS,
  AGENTS,
  IMPLEMENTATION_SPECS,
  JOBS,
  PODS,
} from '../../src/modules/kubernetes/resource.js';
import { StatusWriter } from '../../src/modules/manager/status-writer.js';
import { JobAdapter } from '../../src/modules/runtime/job/job.adapter.js';
import { RuntimeAdapters } from '../../src/modules/runtime/runtime-adapters.js';
import { ended, judged, podOf } from './builders/job.js';
import { anAgent, anImplementation, aProvider, aRun } from './builders/objects.js';
import { operatorDefaults } from './builders/operator.js';
import { type CrashPoint, MemoryCluster } from './memory-cluster.js';
import { passContext } from './pass-context.js';

const KEY = 'team-a/fix-login';
const PASSES = 8;

/** Slots for everybody: limits have tests of their own. */
export function grantingAll(): Admission {
  const admission: Pick<Admission, 'request' | 'giveBack' | 'release'> = {
    request: () => ({ kind: 'granted' }),
    giveBack: () => undefined,
    release: () => undefined,
  };
  return admission as Admission;
}

/** One life of the control plane over a cluster. Its clock stands until a test moves it. */
export function startProcess(cluster: MemoryCluster, crash?: CrashPoint, admission = grantingAll()) {
  const client = cluster.client(crash);
  const { informers, sync } = cluster.caches();
  const caches = new RunCaches(informers);
  const adapters = new RuntimeAdapters([new JobAdapter(informers, client)]);
  const events: string[] = [];
  const outcomes: string[] = [];
  const reconciler = new AgentRunReconciler(
    caches,
    new RunGatherer(caches, adapters, client, { runs: operatorDefaults() } as Config, admission),
    new RunSubmitter(client, adapters),
    adapters,
    new StatusWriter(client),
    { record: (_object: object, { reason }: { reason: string }) => events.push(reason) } as unknown as EventRecorder,
    { observe: (_run: object, { phase }: { phase?: string }) => outcomes.push(phase ?? '') } as unknown as RunMetrics,
    new BlockedWatch(),
    client,
    admission,
  );
  sync();
  const pass = () =>
    reconciler.reconcile(
      KEY,
      passContext(() => cluster.now),
    );
  /** Passes as the queue would give them: again after a conflict, with caches that have caught up. */
  const settle = async () => {
    for (let passes = 0; passes < PASSES; passes += 1) {
      sync();
      try {
        await pass();
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  };
  return { pass, settle, sync, events, outcomes };
}

/** A cluster with a run, fix-login, and what it refers to. */
export function aCluster(spec: Partial<AgentRunSpec> = {}): MemoryCluster {
  const cluster = new MemoryCluster();
  cluster.put(AGENTS, anAgent());
  cluster.put(AGENT_PROVIDERS, aProvider());
  cluster.put(IMPLEMENTATION_SPECS, anImplementation());
  cluster.put(AGENT_RUNS, aRun(spec));
  return cluster;
}

/** The run as the API server has it. */
export function runIn(cluster: MemoryCluster): AgentRun | undefined {
  return cluster.read(AGENT_RUNS, 'team-a', 'fix-login');
}

/** Does what Job controller and kubelet do: the pod of the newest Job ends with that exit code. */
export function finishJob(cluster: MemoryCluster, exitCode = 0, message = ''): void {
  const job = cluster.all(JOBS).at(-1);
  if (!job) throw new Error('there is no Job to finish');
  const now = formatTime(cluster.now);
  cluster.put(JOBS, { ...job, status: judged(exitCode === 0 ? 'Complete' : 'Failed') } as never);
  const containerStatuses = [ended(exitCode, { message, startedAt: now, finishedAt: now })];
  cluster.put(PODS, podOf(job, { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses }));
}

/** Sets `spec.cancel`, as a user does. */
export function cancel(cluster: MemoryCluster): void {
  const run = runIn(cluster);
  if (run) cluster.put(AGENT_RUNS, { ...run, spec: { ...run.spec, cancel: true } } as never);
}

/** Every Job that was ever made. */
export function createdJobs(cluster: MemoryCluster): string[] {
  return cluster.created.filter((name) => name.startsWith('jobs/'));
}
