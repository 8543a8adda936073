import { waitAtGate } from '../support/git-repository.js';
import { type Applied, anAgent, aProvider, aRun } from '../support/run-objects.js';
import { RunScene } from '../support/run-scene.js';
import { statesOf } from '../support/run-states.js';

const MINUTES = 60_000;

let scene: RunScene;

/** What the tests below declare. All of it is applied at once, and each test waits for its own run. */
const given: Applied[] = [aProvider('shell'), anAgent('worker')];

beforeAll(async () => {
  scene = await RunScene.create('attempts');
  await scene.applyInOrder(given);
}, 3 * MINUTES);

afterAll(() => scene.delete(), 3 * MINUTES);

describe('a run that may be repeated', () => {
  const RETRY = { limit: 2, backoffSeconds: 1 };
  const limited = `echo '{"failureClass":"RateLimited","message":"slow down"}' >"$AGENT_STATUS_PATH"; exit 1`;
  given.push(
    aRun('second-attempt', `[ "$AGENT_RUN_ATTEMPT" = 2 ] || { ${limited}; }; echo "attempt $AGENT_RUN_ATTEMPT"`, {
      retry: RETRY,
    }),
    aRun('no-use', 'true', {
      execution: { coordinates: { git: { url: 'http://git-server/absent.git' } } },
      retry: { ...RETRY, limit: 1 },
    }),
    aRun('once', 'exit 5', { retry: RETRY }),
    aRun('asked-for', 'exit 5', { retry: { ...RETRY, limit: 1, on: ['AgentError'] } }),
    aRun('orphaned', `echo begun; ${waitAtGate('orphan')}`, { retry: { ...RETRY, limit: 1 } }),
  );

  it('is repeated as long as its class is, with one workload at a time and what was frozen', async () => {
    const run = await scene.finished('second-attempt');
    expect(statesOf(scene.runs.versions('second-attempt')).filter((state) => state !== 'submitted')).toEqual([
      'running',
      'retrying',
      'running',
      'succeeded',
    ]);
    expect(run.status?.attempts).toMatchObject([
      { number: 1, failureClass: 'RateLimited', exitCode: 1, message: 'the agent exited with 1: slow down' },
      { number: 2, runtimeRef: run.status?.runtimeRef },
    ]);
    expect(await scene.log(run)).toContain('attempt 2');
    expect(run.status).not.toHaveProperty('failureClass');
    const [first, second] = run.status?.attempts ?? [];
    expect(Date.parse(second?.submittedAt ?? '')).toBeGreaterThan(Date.parse(first?.finishedAt ?? ''));
    expect((await scene.children(run)).filter((child) => child.startsWith('configmap/'))).toHaveLength(1);
  }, 60_000);

  it('is not, while the pod lives of a Job that somebody deleted without it', async () => {
    const before = await scene.became('orphaned', 'InProgress', 'Running');
    await scene.follow(before);
    const job = before.status?.runtimeRef?.name ?? '';
    await scene.installation.kubectl(['delete', 'job', job, '--cascade=orphan']);
    await scene.runs.reached('orphaned', ({ status }) => status?.reason === 'Stopping');
    expect(scene.made(before)).toHaveLength(2);
    await scene.repository.openGate('orphan');
    const run = await scene.finished('orphaned');
    expect(run.status).toMatchObject({ phase: 'Succeeded' });
    expect(run.status?.attempts).toMatchObject([{ number: 1, failureClass: 'WorkloadLost' }, { number: 2 }]);
  }, 60_000);

  it.each([
    { name: 'no-use', failureClass: 'CheckoutFailed', attempts: [1, 2] },
    { name: 'once', failureClass: 'AgentError', attempts: [1] },
    { name: 'asked-for', failureClass: 'AgentError', attempts: [1, 2] },
  ])(
    'ends as $failureClass after $attempts: $name',
    async ({ name, failureClass, attempts }) => {
      const run = await scene.finished(name);
      expect(run.status).toMatchObject({ phase: 'Failed', failureClass });
      expect(run.status?.attempts?.map(({ number }) => number)).toEqual(attempts);
      expect(scene.made(run).filter((child) => scene.jobs.current(child))).toHaveLength(attempts.length);
      expect(await scene.live(run)).toEqual([]);
    },
    60_000,
  );
});

describe('a finished run', () => {
  given.push(aRun('short-lived', 'true', { ttlSecondsAfterFinished: 1 }));

  it('is deleted with all it has made when its time is over, once its result was there to read', async () => {
    const last = await scene.runs.until(
      ({ type, object }) => type === 'DELETED' && object.metadata.name === 'short-lived',
    );
    expect(last.status).toMatchObject({ phase: 'Succeeded' });
    const selector = `agents.proompteng.ai/agent-run-uid=${last.metadata.uid}`;
    await scene.installation.kubectl(['wait', '--for=delete', 'jobs,pods,configmaps', '--selector', selector]);
    expect(await scene.children(last)).toEqual([]);
  }, 60_000);
});

it('no version of any run breaks an invariant', () => {
  expect(() => scene.checkInvariants()).not.toThrow();
});
