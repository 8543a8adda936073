import type { Job, Pod } from '../../src/modules/runtime/job/job.types.js';
import { eventually } from '../support/eventually.js';
import { type PodScript, QUICK } from '../support/hollow-node/pod-script.js';
import { aGround } from './support/stage.js';

const NAMESPACE = 'hollow';
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const DEADLINE_MS = 30_000;

/** What the pods of a Job do, by the Job's name. */
const SCRIPTS: Readonly<Record<string, Partial<PodScript>>> = {
  succeeds: {},
  short: { runMs: 0 },
  fails: { ending: 'fails' },
  oom: { ending: 'outOfMemory' },
  evicted: { ending: 'evicted' },
  late: { ending: 'timesOut' },
  refused: { ending: 'authFails' },
  exceeded: { ending: 'deadlineExceeded' },
  checkout: { ending: 'checkoutFails' },
  nowhere: { heldAt: 'scheduling' },
  image: { heldAt: 'imagePull' },
  stubborn: { runMs: Infinity, stopMs: 60_000 },
  polite: { runMs: Infinity, stopMs: 10 },
  survivor: { runMs: 3000 },
};

const ground = aGround(({ metadata }) => ({
  ...QUICK,
  ...SCRIPTS[metadata.labels?.['batch.kubernetes.io/job-name'] ?? ''],
}));

beforeAll(() => ground.cluster.createNamespace(NAMESPACE));

async function createJob(name: string, graceSeconds = 1): Promise<void> {
  const container = { image: 'agent' };
  const spec = {
    backoffLimit: 0,
    podReplacementPolicy: 'TerminatingOrFailed',
    template: {
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: graceSeconds,
        initContainers: [{ name: 'checkout', ...container }],
        containers: [{ name: 'agent', ...container }],
      },
    },
  };
  const { status } = await ground.cluster.server.client.send('POST', JOBS, { body: { metadata: { name }, spec } });
  expect(status).toBe(201);
}

async function podsOf(name: string): Promise<Pod[]> {
  const selector = `batch.kubernetes.io/job-name=${name}`;
  const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${selector}`;
  return ((await ground.cluster.server.client.send('GET', path)).body as { items: Pod[] }).items;
}

/** The type and reason of the condition that ends a Job. */
async function verdictOf(name: string): Promise<string> {
  return eventually(async () => {
    const { body } = await ground.cluster.server.client.send('GET', `${JOBS}/${name}`);
    const end = (body as Job).status?.conditions?.find(
      ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
    );
    if (end === undefined) throw new Error(`Job ${name} has no verdict`);
    return `${end.type} ${end.reason ?? ''}`;
  }, DEADLINE_MS);
}

async function onlyPodOf(name: string, reached: (pod: Pod) => boolean): Promise<Pod> {
  return eventually(async () => {
    const [pod, ...more] = await podsOf(name);
    if (pod === undefined || more.length > 0 || !reached(pod))
      throw new Error(`pod of ${name}: ${JSON.stringify(pod)}`);
    return pod;
  }, DEADLINE_MS);
}

const agentOf = ({ status }: Pod) => status?.containerStatuses?.find(({ name }) => name === 'agent')?.state;

/** How a pod ends, and what its Job comes to. */
interface End {
  job: string;
  verdict: string;
  phase: string;
  exitCode: number | undefined;
  reason: string;
  podReason: string | undefined;
}

describe('the hollow node, under the real Job controller', () => {
  it.each`
    job           | verdict                          | phase          | exitCode     | reason               | podReason
    ${'succeeds'} | ${'Complete CompletionsReached'} | ${'Succeeded'} | ${0}         | ${'Completed'}       | ${undefined}
    ${'short'}    | ${'Complete CompletionsReached'} | ${'Succeeded'} | ${0}         | ${'Completed'}       | ${undefined}
    ${'fails'}    | ${'Failed BackoffLimitExceeded'} | ${'Failed'}    | ${3}         | ${'Error'}           | ${undefined}
    ${'oom'}      | ${'Failed BackoffLimitExceeded'} | ${'Failed'}    | ${137}       | ${'OOMKilled'}       | ${undefined}
    ${'evicted'}  | ${'Failed BackoffLimitExceeded'} | ${'Failed'}    | ${137}       | ${'Error'}           | ${'Evicted'}
    ${'late'}     | ${'Failed BackoffLimitExceeded'} | ${'Failed'}    | ${124}       | ${'Error'}           | ${undefined}
    ${'refused'}  | ${'Failed BackoffLimitExceeded'} | ${'Failed'}    | ${1}         | ${'Error'}           | ${undefined}
    ${'exceeded'} | ${'Failed BackoffLimitExceeded'} | ${'Failed'}    | ${137}       | ${'Error'}           | ${'DeadlineExceeded'}
    ${'checkout'} | ${'Failed BackoffLimitExceeded'} | ${'Failed'}    | ${undefined} | ${'PodInitializing'} | ${undefined}
  `('ends the pod of "$job" as a kubelet does', async ({ job, verdict, phase, exitCode, reason, podReason }: End) => {
    await createJob(job);
    expect(await verdictOf(job)).toBe(verdict);
    const pod = await onlyPodOf(job, () => true);
    expect(pod.status).toMatchObject({ phase });
    expect(pod.status?.reason).toBe(podReason);
    const { terminated, waiting } = agentOf(pod) ?? {};
    expect(terminated?.exitCode).toBe(exitCode);
    expect(terminated?.reason ?? waiting?.reason).toBe(reason);
  });

  it.each`
    job          | shows
    ${'nowhere'} | ${'"reason":"Unschedulable"'}
    ${'image'}   | ${'"reason":"ImagePullBackOff"'}
    ${'polite'}  | ${'"phase":"Running"'}
  `('holds the pod of "$job" where its script says', async ({ job, shows }: { job: string; shows: string }) => {
    await createJob(job);
    await onlyPodOf(job, ({ status }) => JSON.stringify(status).includes(shows));
  });

  it('gives a pod that ignores SIGTERM its grace and no more, and takes its object away', async () => {
    await createJob('stubborn', 2);
    const running = await onlyPodOf('stubborn', ({ status }) => status?.phase === 'Running');
    await ground.cluster.server.client.send('DELETE', `${JOBS}/stubborn`, {
      body: { propagationPolicy: 'Foreground' },
    });
    await eventually(async () => expect(await podsOf('stubborn')).toEqual([]), DEADLINE_MS);
    const versions = ground.cluster.history
      .versions('pods')
      .filter(({ object }) => object.metadata.uid === running.metadata.uid);
    const asked = versions.find(({ object }) => object.metadata.deletionTimestamp !== undefined);
    const ended = versions.find(({ object }) => (object as Pod).status?.phase === 'Failed');
    const terminated = agentOf(ended?.object as Pod)?.terminated;
    expect(terminated).toMatchObject({ exitCode: 143 });
    // The API server sets it to the end of the grace.
    const graceEnds = Date.parse(asked?.object.metadata.deletionTimestamp ?? '');
    expect(Date.parse(terminated?.finishedAt ?? '')).toBeGreaterThanOrEqual(graceEnds);
    expect(versions.at(-1)?.type).toBe('delete');
  });

  it('goes on after a restart of the API server, with the pods that it had', async () => {
    await createJob('survivor');
    await onlyPodOf('survivor', ({ status }) => status?.phase === 'Running');
    await ground.cluster.server.restart();
    expect(await verdictOf('survivor')).toBe('Complete CompletionsReached');
    expect(await podsOf('survivor')).toHaveLength(1);
  }, 60_000);
});
