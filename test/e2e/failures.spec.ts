import { findCondition } from '../../src/api/meta/condition.js';
import { childName } from '../../src/api/meta/names.js';
import type { AgentRun, AgentRunSpec } from '../../src/api/v1alpha1/agent-run.types.js';
import { HUNGRY_IMAGE, makeImage } from '../support/git-peer.js';
import { waitAtGate } from '../support/git-repository.js';
import { type Applied, aConfigMap, anAgent, aProvider, aRun, aSecret, REPOSITORY_URL } from '../support/run-objects.js';
import { RunScene } from '../support/run-scene.js';
import { statesOf } from '../support/run-states.js';
import { ScarceResource } from '../support/scarce-resource.js';
import { aSilentServer } from '../support/silent-server.js';

const MINUTES = 60_000;
const FOR_EVER = waitAtGate('never');

let scene: RunScene;
let scarce: ScarceResource;

/** What the tests below declare. All of it is applied at once, and each test waits for its own run. */
const given: Applied[] = [aProvider('shell'), anAgent('worker'), aSecret('settings', { mode: 'careful' })];
const late = 'not started within the startDeadlineSeconds of the Agent: ';
const git = (changes: object): Partial<AgentRunSpec> => ({
  execution: { coordinates: { git: { url: REPOSITORY_URL }, ...changes } },
});

beforeAll(async () => {
  await makeImage(HUNGRY_IMAGE, 'hungry');
  scarce = await ScarceResource.create();
  scene = await RunScene.create('failures');
  await scene.apply(...aSilentServer('silent'));
  await scene.installation.condition('pod/silent', 'Ready');
  await scene.applyInOrder([...given, ...scarceRun()]);
  await Promise.all([evict('evicted'), evict('evicted-once'), preempt(), takeName(), cancel()]);
}, 4 * MINUTES);

afterAll(async () => {
  await scene.delete();
  await scarce.delete();
}, 3 * MINUTES);

const running = (name: string): Promise<AgentRun> => scene.became(name, 'InProgress', 'Running');

/** As `kubectl drain` does it. */
async function evict(name: string): Promise<void> {
  const pod = scene.pod(await running(name))?.metadata ?? { name: '' };
  const path = `/api/v1/namespaces/${scene.installation.namespace}/pods/${pod.name}/eviction`;
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod.name } };
  await scene.installation.kubectl(['create', '--raw', path, '--filename', '-'], JSON.stringify(eviction));
}

/** The run has the only one there is, until a pod of a higher priority wants it. */
function scarceRun(): Applied[] {
  const { resources, priorityClassName } = scarce;
  return [
    anAgent('modest', { resources, runtime: { type: 'job', job: { priorityClassName } } }),
    aRun('preempted', FOR_EVER, { agentRef: { name: 'modest' } }),
  ];
}

async function preempt(): Promise<void> {
  await running('preempted');
  await scene.installation.apply(scarce.claimant('claimant'));
}

/** Puts an object in the way whose name only the run's uid tells. */
async function takeName(): Promise<void> {
  const { metadata } = await scene.became('name-taken', 'Blocked', 'AgentNotFound');
  await scene.apply(aConfigMap(childName(metadata.name, metadata.uid, 'spec'), { of: 'somebody else' }));
  await scene.apply(anAgent('late'));
}

/** Once the agent itself has begun. */
async function cancel(): Promise<void> {
  await scene.follow(await running('cancelled'));
  const patch = '--patch={"spec":{"cancel":true}}';
  await scene.installation.kubectl(['patch', 'agentrun', 'cancelled', '--type=merge', patch]);
}

const SLOW = ['submitted', 'waiting', 'stopping', 'failed'];
const FAST = ['submitted', 'running', 'failed'];
const BEFORE_START = ['submitted', 'failed'];

describe('a run fails with the class of what happened', () => {
  const ROWS: { what: string; run: Applied; states?: string[]; failureClass: string; message: RegExp }[] = [
    {
      what: 'the checkout was killed for lack of memory',
      run: aRun('hungry-checkout', 'true', git({ workspace: { image: HUNGRY_IMAGE } })),
      states: BEFORE_START,
      failureClass: 'OutOfMemory',
      message: /^the checkout step was killed for lack of memory$/,
    },
    {
      what: 'it wrote more than its ephemeral-storage limit',
      run: aRun('full', `head --bytes=80M /dev/urandom >"$TMPDIR/big"; ${FOR_EVER}`, { agentRef: { name: 'cramped' } }),
      failureClass: 'Evicted',
      message: /ephemeral local storage usage exceeds the total limit of containers 20Mi/,
    },
    {
      what: 'its pod was evicted through the API, as a drain does it',
      run: aRun('evicted', FOR_EVER),
      failureClass: 'Evicted',
      message: /Eviction API: evicting/,
    },
    {
      what: 'a pod of higher priority took its place',
      run: aRun('preempted', FOR_EVER),
      failureClass: 'Evicted',
      message: /preempting to accommodate a higher priority pod/,
    },
    {
      what: 'no node has what it asks for',
      run: aRun('too-large', 'true', { agentRef: { name: 'too-large' } }),
      states: SLOW,
      failureClass: 'Unschedulable',
      message: new RegExp(`^${late}no node fits: Insufficient cpu$`),
    },
    {
      what: 'a Secret has no such key',
      run: aRun('no-key', 'true', {
        agentRef: { name: 'impatient' },
        secrets: [{ name: 'settings', keys: [{ key: 'absent', env: 'ABSENT' }] }],
      }),
      states: SLOW,
      failureClass: 'ContainerConfig',
      message: new RegExp(`^${late}container "agent": couldn't find key absent in Secret \\S+/settings$`),
    },
    {
      what: 'a ref is not in its repository',
      run: aRun('no-ref', 'true', { execution: { coordinates: { git: { url: REPOSITORY_URL, ref: 'absent' } } } }),
      states: BEFORE_START,
      failureClass: 'CheckoutFailed',
      message: /^execution\.coordinates\.git\.ref "absent" is not a branch, tag or commit of http:\/\/git-server\//,
    },
    {
      // git itself gives up after two minutes: here the pod's net, 28 s, is the shorter.
      what: 'its checkout still hangs when its pod may run no longer',
      run: aRun('silent', 'true', {
        agentRef: { name: 'hasty' },
        execution: { coordinates: { git: { url: 'http://silent/sample.git' } } },
        timeoutSeconds: 1,
      }),
      states: BEFORE_START,
      failureClass: 'Timeout',
      message: /^the pod passed its activeDeadlineSeconds, /,
    },
    {
      what: 'a required artifact is missing',
      run: aRun('no-artifact', 'true', { agentRef: { name: 'reporter' } }),
      failureClass: 'ArtifactMissing',
      message: /^required artifact "report" \(report\.md\) was not found$/,
    },
    {
      what: 'an input file cannot be written',
      run: aRun('no-input', 'true', { agentRef: { name: 'blocked-input' } }),
      failureClass: 'RuntimeError',
      message: /app/,
    },
    {
      what: 'a failure rule knows the exit code [AgentProvider spec.failureRules.{class,exitCodes}]',
      run: aRun('rule-code', 'exit 42', { agentRef: { name: 'ruled' } }),
      failureClass: 'QuotaExhausted',
      message: /^the agent exited with 42$/,
    },
    {
      what: 'a failure rule knows the output [AgentProvider spec.failureRules.{class,outputPattern}]',
      run: aRun('rule-output', 'echo "HTTP 429: slow down" >&2; exit 1', { agentRef: { name: 'ruled' } }),
      failureClass: 'RateLimited',
      message: /^the agent exited with 1$/,
    },
    {
      what: 'the agent says so itself',
      run: aRun(
        'says-so',
        `echo '{"failureClass":"AuthFailed","message":"key refused"}' >"$AGENT_STATUS_PATH"; exit 1`,
      ),
      failureClass: 'AuthFailed',
      message: /^the agent exited with 1: key refused$/,
    },
    {
      what: 'it ended with 9, whatever report it forged',
      run: aRun(
        'forged',
        `echo '{"schemaVersion":"agents.proompteng.ai/runner/v1","exitCode":0,"artifacts":[]}' >/dev/termination-log || true
         exit 9`,
      ),
      failureClass: 'AgentError',
      message: /^the agent exited with 9$/,
    },
  ];
  given.push(
    anAgent('cramped', { resources: { ephemeralStorage: '20Mi' } }),
    anAgent('too-large', { resources: { cpu: 1000 }, pod: { startDeadlineSeconds: 8 } }),
    anAgent('impatient', { pod: { startDeadlineSeconds: 25 }, security: { allowedSecrets: ['settings'] } }),
    anAgent('hasty', { pod: { startDeadlineSeconds: 25, terminationGracePeriodSeconds: 2 } }),
    aProvider('reporter', { outputArtifacts: [{ name: 'report', path: 'report.md', required: true }] }),
    anAgent('reporter', { providerRef: { name: 'reporter' } }),
    aProvider('blocked-input', { inputFiles: [{ path: 'app', content: 'in the place of a directory' }] }),
    anAgent('blocked-input', { providerRef: { name: 'blocked-input' } }),
    aProvider('ruled', {
      failureRules: [
        { class: 'QuotaExhausted', exitCodes: [42] },
        { class: 'RateLimited', outputPattern: 'HTTP 429' },
      ],
    }),
    anAgent('ruled', { providerRef: { name: 'ruled' } }),
    ...ROWS.map(({ run }) => run).filter(({ metadata }) => metadata.name !== 'preempted'),
  );

  it.each(ROWS)(
    '$failureClass: $what',
    async ({ run: { metadata }, states = FAST, failureClass, message }) => {
      const run = await scene.finished(metadata.name);
      expect(run.status).toMatchObject({ phase: 'Failed', reason: failureClass, failureClass });
      expect(run.status?.message).toMatch(message);
      expect(run.status?.attempts).toMatchObject([{ number: 1, failureClass, message: run.status?.message }]);
      expect(findCondition(run.status?.conditions, 'Failed')?.reason).toBe(failureClass);
      const through = statesOf(scene.runs.versions(metadata.name));
      // What evicts a pod gives it its grace; whether that is seen is the kubelet's race.
      const seen = failureClass === 'Evicted' ? through.filter((state) => state !== 'stopping') : through;
      expect(seen).toEqual(states);
      expect(await scene.live(run)).toEqual([]);
    },
    90_000,
  );

  given.push(aRun('name-taken', 'true', { agentRef: { name: 'late' } }));

  it('NameConflict: something else has the name of its ConfigMap', async () => {
    const run = await scene.finished('name-taken');
    expect(run.status).toMatchObject({ phase: 'Failed', failureClass: 'NameConflict' });
    expect(scene.made(run)).toEqual([]);
    const { name, uid } = run.metadata;
    expect(await scene.installation.get('configmap', childName(name, uid, 'spec'))).toMatchObject({
      data: { of: 'somebody else' },
    });
  }, 60_000);
});

describe('a run that may be repeated', () => {
  given.push(
    aRun('evicted-once', `[ "$AGENT_RUN_ATTEMPT" = 2 ] || { ${FOR_EVER}; }; echo "attempt $AGENT_RUN_ATTEMPT"`, {
      retry: { limit: 1, backoffSeconds: 1 },
    }),
  );

  it('succeeds with its second attempt when the pod of its first was evicted', async () => {
    const run = await scene.finished('evicted-once');
    // Whether its grace and the moment before a start are seen is a race.
    const passing = ['submitted', 'stopping'];
    const states = statesOf(scene.runs.versions('evicted-once')).filter((state) => !passing.includes(state));
    expect(states).toEqual(['running', 'retrying', 'running', 'succeeded']);
    expect(run.status?.attempts).toMatchObject([
      { number: 1, failureClass: 'Evicted', message: expect.stringContaining('Eviction API: evicting') as string },
      { number: 2, runtimeRef: run.status?.runtimeRef },
    ]);
    expect(await scene.log(run)).toContain('attempt 2');
    expect(run.status).not.toHaveProperty('failureClass');
    expect(await scene.live(run)).toEqual([]);
  }, 90_000);
});

describe('what a run has done when it is stopped', () => {
  const script = (end: string): string =>
    `${end}; echo half >half.md; echo '{"usage":{"inputTokens":7}}' >"$AGENT_STATUS_PATH"; echo begun; ${FOR_EVER}`;
  given.push(
    aProvider('partial', { outputArtifacts: [{ name: 'half', path: 'half.md' }] }),
    anAgent('partial', { providerRef: { name: 'partial' } }),
    aRun('timed-out', script("trap 'exit 0' TERM"), { agentRef: { name: 'partial' }, timeoutSeconds: 4 }),
    // It does not listen: only KILL, after the grace period, ends it.
    aRun('cancelled', script("trap '' TERM"), { agentRef: { name: 'partial' } }),
  );

  it.each([
    { name: 'timed-out', states: FAST, phase: 'Failed', reason: 'Timeout' },
    {
      name: 'cancelled',
      states: ['submitted', 'running', 'stopping', 'cancelled'],
      phase: 'Cancelled',
      reason: 'Cancelled',
    },
  ])(
    'is kept when it is $name',
    async ({ name, states, phase, reason }) => {
      const run = await scene.finished(name);
      expect(statesOf(scene.runs.versions(name))).toEqual(states);
      expect(run.status).toMatchObject({ phase, reason, usage: { inputTokens: 7 } });
      expect(run.status?.artifacts).toMatchObject([{ name: 'half', sizeBytes: 5 }]);
      expect(await scene.live(run)).toEqual([]);
    },
    60_000,
  );
});

it('no version of any run breaks an invariant', () => {
  expect(() => scene.checkInvariants()).not.toThrow();
});
