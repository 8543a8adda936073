import { findCondition } from '../../src/api/meta/condition.js';
import { LABELS } from '../../src/api/meta/labels.js';
import type { KubernetesObject } from '../../src/api/meta/object.js';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { creatorsOf } from '../support/audit.js';
import { helm } from '../support/cluster.js';
import { ControlPlanePod, kill, restartsOf } from '../support/control-plane-pod.js';
import { eventually } from '../support/eventually.js';
import { IdleScene } from '../support/idle-scene.js';
import type { Installation } from '../support/installation.js';
import { installWithLiveRuns, LIVE_RUNS, timedDelete } from '../support/live-runs.js';
import { Recording } from '../support/recording.js';
import { anAgent, aProvider, aRun } from '../support/run-objects.js';
import { RunScene } from '../support/run-scene.js';

const MINUTES = 60_000;

function tell(figures: string): void {
  process.stdout.write(`    ${figures}\n`);
}

/** Resolves as soon as the condition holds after an event. */
async function reaches<T extends KubernetesObject>(recording: Recording<T>, condition: () => boolean): Promise<void> {
  await recording.until((event) => event === recording.events.at(-1) && condition(), 4 * MINUTES);
}

// Five idle minutes begin here and are looked at last; what comes between happens in other namespaces.
let idle: IdleScene;

beforeAll(async () => {
  idle = await IdleScene.create();
  await idle.settle();
}, 4 * MINUTES);

afterAll(() => idle.delete(), 3 * MINUTES);

describe('fifty runs at once, their Agents missing, with a control plane that is killed twice', () => {
  const COUNT = 50;
  const JOBS_AT_KILL = 20;
  const FINISHED_AT_KILL = 5;
  const names = Array.from({ length: COUNT }, (_, index) => `run-${index}`);
  const agents = ['even', 'odd'];
  let scene: RunScene;
  let configMaps: Recording<KubernetesObject>;
  let jobsLeft: number;
  let finishedLeft: number;

  const current = (): AgentRun[] => names.flatMap((name) => scene.runs.current(name) ?? []);
  const waiting = (): number => current().filter(({ status }) => status?.reason === 'AgentNotFound').length;
  const jobs = (): number => scene.jobs.events.filter(({ type }) => type === 'ADDED').length;
  const finished = (): number =>
    current().filter(({ status }) => findCondition(status?.conditions, 'Finished')?.status === 'True').length;

  beforeAll(async () => {
    scene = await RunScene.create('fifty');
    configMaps = await Recording.start(`/api/v1/namespaces/${scene.installation.namespace}/configmaps`);
    const pod = await ControlPlanePod.of(scene.installation);
    const first = await pod.process();

    const startedMs = performance.now();
    await scene.apply(...names.map((name, index) => aRun(name, 'true', { agentRef: { name: agents[index % 2]! } })));
    await reaches(scene.runs, () => waiting() === COUNT);
    const resources = { cpu: '10m', memory: '128Mi' };
    await scene.apply(aProvider('shell'), ...agents.map((name) => anAgent(name, { resources })));

    await reaches(scene.jobs, () => jobs() >= JOBS_AT_KILL);
    await kill(first);
    jobsLeft = (await scene.installation.list('jobs')).length;

    const second = await pod.process(first);
    await reaches(scene.runs, () => finished() >= FINISHED_AT_KILL);
    await kill(second);
    finishedLeft = finished();

    await reaches(scene.runs, () => finished() === COUNT);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    const restarts = await restartsOf(scene.installation);
    tell(`50 runs: ${seconds} s, killed with ${jobsLeft} Jobs and with ${finishedLeft} finished, ${restarts} restarts`);
  }, 8 * MINUTES);

  afterAll(async () => {
    configMaps.stop();
    await scene.delete();
  }, 3 * MINUTES);

  it('all succeed', () => {
    const others = current().filter(({ status }) => status?.phase !== 'Succeeded');
    expect(others.map(({ status }) => `${status?.phase} ${status?.reason}: ${status?.message}`)).toEqual([]);
    expect(current()).toHaveLength(COUNT);
  });

  it('see it killed with some of the Jobs made and with some of the runs finished', () => {
    expect(jobsLeft).toBeGreaterThanOrEqual(JOBS_AT_KILL);
    expect(jobsLeft).toBeLessThan(COUNT);
    expect(finishedLeft).toBeGreaterThanOrEqual(FINISHED_AT_KILL);
    expect(finishedLeft).toBeLessThan(COUNT);
  });

  it('ever had one Job, one pod and one ConfigMap each', () => {
    const isOfRun = ({ metadata }: KubernetesObject): boolean => metadata.labels?.[LABELS.agentRunUid] !== undefined;
    const ever = {
      jobs: scene.jobs.created(),
      pods: scene.pods.created(isOfRun),
      configMaps: configMaps.created(isOfRun),
    };
    expect(ever).toEqual({ jobs: COUNT, pods: COUNT, configMaps: COUNT });
  });

  it('had them made by the control plane and by the controller of Jobs alone', async () => {
    const { username } = scene.installation;
    const events = await scene.installation.audit();
    expect(creatorsOf('jobs', events)).toEqual([username]);
    expect(creatorsOf('configmaps', events)).toContain(username);
    // The replicaset-controller makes the control plane's pod and the git server's.
    expect(creatorsOf('pods', events)).toEqual([
      'system:serviceaccount:kube-system:job-controller',
      'system:serviceaccount:kube-system:replicaset-controller',
    ]);
  });

  it('never showed a status that violates an invariant', () => {
    expect(() => scene.checkInvariants()).not.toThrow();
  });
});

async function childrenOf(installation: Installation, { metadata }: AgentRun): Promise<string[]> {
  const selector = `--selector=${LABELS.agentRunUid}=${metadata.uid}`;
  const names = await installation.kubectl(['get', 'jobs,pods,configmaps', selector, '--output=name']);
  return names.split('\n').filter((name) => name !== '');
}

/** Deletes a run and waits until all that was made for it is gone. */
async function deleteRun(installation: Installation, name: string): Promise<void> {
  const run = await installation.get<AgentRun>('agentrun', name);
  const isSubmitted = run.status?.submittedAt !== undefined;
  expect(await childrenOf(installation, run)).toHaveLength(isSubmitted ? 3 : 0);
  await installation.kubectl(['delete', 'agentrun', name]);
  await eventually(async () => expect(await childrenOf(installation, run)).toEqual([]), MINUTES);
}

describe('a deleted run', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await installWithLiveRuns(idle.repositoryUrl);
  }, 3 * MINUTES);

  afterAll(() => installation.delete(), 3 * MINUTES);

  it.each(Object.keys(LIVE_RUNS))(
    'leaves no Job, pod or ConfigMap when it was %s',
    (name) => deleteRun(installation, name),
    2 * MINUTES,
  );
});

describe('a namespace with live runs', () => {
  const TIMES = 10;
  /** More would only wait for the processors. */
  const AT_ONCE = 4;

  /** Makes ten namespaces go; gives the seconds that the slowest took. */
  async function tenTimes(what: string, once: () => Promise<number>): Promise<number> {
    const seconds: number[] = [];
    let begun = 0;
    const lane = async (): Promise<void> => {
      while (begun < TIMES) {
        begun += 1;
        seconds.push(await once());
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    tell(
      `${seconds.length} namespaces ${what}: gone in ${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)} s`,
    );
    return Math.max(...seconds);
  }

  it(
    'is gone within two minutes with the control plane in it, ten times out of ten',
    async () => {
      const slowest = await tenTimes('with the control plane', async () =>
        timedDelete(await installWithLiveRuns(idle.repositoryUrl)),
      );
      expect(slowest).toBeLessThan(120);
    },
    10 * MINUTES,
  );

  it(
    'is gone within two minutes after the chart was uninstalled, ten times out of ten',
    async () => {
      const slowest = await tenTimes('after `helm uninstall`', async () => {
        const installation = await installWithLiveRuns(idle.repositoryUrl);
        await helm(['uninstall', 'jangar', '--namespace', installation.namespace]);
        // Nothing of a run needs a control plane to go.
        await deleteRun(installation, 'running');
        return timedDelete(installation);
      });
      expect(slowest).toBeLessThan(120);
    },
    10 * MINUTES,
  );
});

describe('a control plane with nothing to do', () => {
  it(
    'resyncs every minute for five minutes and writes nothing but its Lease',
    async () => {
      const { writes, resyncs, passes, restarts, cpuPercent } = await idle.report(300);
      const own = 'update leases jangar-agents';
      tell(
        `idle: ${writes.length} writes, ${cpuPercent.toFixed(2)} % of a processor, resyncs ${JSON.stringify(resyncs)}`,
      );
      expect(writes.filter((write) => write !== own)).toEqual([]);
      expect(writes.length).toBeGreaterThan(100);
      for (const times of [...Object.values(resyncs), ...Object.values(passes)]) {
        expect(times).toBeGreaterThanOrEqual(4);
        expect(times).toBeLessThan(10);
      }
      expect(restarts).toBe(0);
    },
    8 * MINUTES,
  );
});
