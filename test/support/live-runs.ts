import { anAgent, aProvider, aRun } from './run-objects.js';
import { Installation } from './installation.js';

const RESOURCES = { cpu: '10m', memory: '128Mi' };
const POD = { terminationGracePeriodSeconds: 10, startDeadlineSeconds: 3600 };
const NOWHERE = { type: 'job', job: { nodeSelector: { disk: 'none' } } } as const;
const AGENTS = [
  anAgent('worker', { resources: RESOURCES, pod: POD, defaults: { timeoutSeconds: 3600, retryLimit: 0 } }),
  anAgent('nowhere', { resources: RESOURCES, pod: POD, runtime: NOWHERE }),
];

/** Runs that go on until somebody stops them, by name; `reason` is what their status comes to. */
export const LIVE_RUNS = {
  running: { reason: 'Running', agent: 'worker', script: 'exec sleep 3600' },
  /** Its agent does not care about SIGTERM and uses up its grace. */
  stubborn: { reason: 'Running', agent: 'worker', script: "trap '' TERM; while :; do sleep 1; done" },
  /** Its pod is on no node, so no kubelet helps to end it. */
  unscheduled: { reason: 'Unschedulable', agent: 'nowhere', script: 'true' },
  /** Not submitted. */
  blocked: { reason: 'AgentNotFound', agent: 'missing', script: 'true' },
} as const;

/** An installation with live runs in it that work on a repository elsewhere. */
export async function installWithLiveRuns(repositoryUrl: string): Promise<Installation> {
  const installation = await Installation.create('live');
  const execution = { coordinates: { git: { url: repositoryUrl } } };
  const runs = Object.entries(LIVE_RUNS).map(([name, { agent, script }]) =>
    aRun(name, script, { execution, agentRef: { name: agent } }),
  );
  await installation.apply(aProvider('shell'), ...AGENTS, ...runs);
  const rests = Object.entries(LIVE_RUNS).map(([name, { reason }]) =>
    installation.field(`agentrun/${name}`, '.status.reason', reason),
  );
  await Promise.all(rests);
  return installation;
}

/** Deletes the namespace, waits until it is gone and says how many seconds that took. */
export async function timedDelete(installation: Installation): Promise<number> {
  const startedMs = performance.now();
  await installation.delete();
  return (performance.now() - startedMs) / 1000;
}
