import { findCondition } from '../../src/api/meta/condition.js';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { type Applied, anAgent, aProvider, aRun, aSecret } from '../support/run-objects.js';
import { RunScene } from '../support/run-scene.js';
import { statesOf } from '../support/run-states.js';

const MINUTES = 60_000;

let scene: RunScene;

/** What the tests below declare. All of it is applied at once, and each test waits for its own run. */
const given: Applied[] = [aProvider('shell'), anAgent('worker'), aSecret('payroll', { password: 'not-for-everybody' })];

beforeAll(async () => {
  scene = await RunScene.create('bad-input');
  await scene.applyInOrder(given, ['worker', 'strict', 'impatient', 'foreign', 'mistaken']);
}, 3 * MINUTES);

afterAll(() => scene.delete(), 3 * MINUTES);

/** A condition of a run, without its times. */
function condition({ status }: AgentRun, type: string): object | undefined {
  const { status: value, reason, message } = findCondition(status?.conditions, type) ?? {};
  return { status: value, reason, message };
}

/** The reasons that a condition was ever True for. */
function reasonsOf(name: string, type: string): string[] {
  const conditions = scene.runs.versions(name).map(({ status }) => findCondition(status?.conditions, type));
  return [...new Set(conditions.flatMap((each) => (each?.status === 'True' ? [each.reason] : [])))];
}

describe('a reference that cannot be used keeps the run waiting', () => {
  const elsewhere = 'is not in this namespace; create it, the run then goes on';
  const ROWS = [
    {
      what: 'an Agent that is not there',
      run: aRun('no-agent', 'true', { agentRef: { name: 'nobody' } }),
      reason: 'AgentNotFound',
      message: `Agent "nobody" (spec.agentRef) ${elsewhere}`,
    },
    {
      what: 'an AgentProvider that is not there',
      run: aRun('no-provider', 'true', { agentRef: { name: 'unprovided' } }),
      reason: 'ProviderNotFound',
      message: `AgentProvider "nothing" (spec.providerRef of Agent "unprovided") ${elsewhere}`,
    },
    {
      what: 'an ImplementationSpec that is not there',
      run: aRun('no-implementation', 'true', { implementationRef: { name: 'nothing' } }),
      reason: 'ImplementationNotFound',
      message: `ImplementationSpec "nothing" (spec.implementationRef) ${elsewhere}`,
    },
    {
      what: 'a Memory that is not there',
      run: aRun('no-memory', 'true', { memoryRef: { name: 'nothing' } }),
      reason: 'MemoryNotFound',
      message: `Memory "nothing" (spec.memoryRef) ${elsewhere}`,
    },
    {
      what: 'a template with an unknown variable',
      run: aRun('unknown-variable', 'true', { agentRef: { name: 'misspelt' } }),
      reason: 'ProviderNotReady',
      message:
        'AgentProvider "misspelt" is not ready: spec.argsTemplate[1]: unknown variable "agnt.name"; known are run, agent, implementation, parameters, git, workspace, memory',
    },
  ];
  given.push(
    anAgent('unprovided', { providerRef: { name: 'nothing' } }),
    aProvider('misspelt', { argsTemplate: ['--as', '{{ agnt.name }}'] }),
    anAgent('misspelt', { providerRef: { name: 'misspelt' } }),
    ...ROWS.map(({ run }) => run),
  );

  it.each(ROWS)(
    '$what',
    async ({ run: { metadata }, reason, message }) => {
      const { name } = metadata;
      const run = await scene.became(name, 'Blocked', reason);
      expect(run.status).toMatchObject({ phase: 'Pending', reason, message });
      expect(condition(run, 'Blocked')).toEqual({ status: 'True', reason, message });
      expect(statesOf(scene.runs.versions(name))).toEqual(['blocked']);
      expect(await scene.event(name, 'Blocked')).toMatchObject({ type: 'Warning', note: `${reason}: ${message}` });
      expect([...scene.made(run), ...(await scene.children(run))]).toEqual([]);
    },
    30_000,
  );
});

describe('a run that is wrong itself is Failed for good before anything is made', () => {
  const remedy = (list: string): string =>
    `is not allowed; an admin can add it to spec.security.${list} of Agent "worker", then create a new run`;
  const ROWS = [
    {
      what: 'a Secret that its Agent does not allow',
      run: aRun('secret', 'true', { secrets: [{ name: 'payroll' }] }),
      reason: 'SecretNotAllowed',
      message: `spec.secrets[0].name: the Secret "payroll" ${remedy('allowedSecrets')}`,
    },
    {
      what: 'such a Secret as a volume',
      run: aRun('secret-volume', 'true', {
        workload: { volumes: [{ name: 'pay', mountPath: '/pay', secret: { secretName: 'payroll' } }] },
      }),
      reason: 'SecretNotAllowed',
      message: `spec.workload.volumes[0].secret.secretName: the Secret "payroll" ${remedy('allowedSecrets')}`,
    },
    {
      what: 'a service account that its Agent does not allow',
      run: aRun('service-account', 'true', { workload: { serviceAccountName: 'jangar-agents' } }),
      reason: 'ServiceAccountNotAllowed',
      message: `spec.workload.serviceAccountName: the service account "jangar-agents" ${remedy('allowedServiceAccounts')}`,
    },
    {
      what: 'a parameter missing that a template needs',
      run: aRun('parameter', 'true', { agentRef: { name: 'strict' } }),
      reason: 'TemplateFailed',
      message:
        'spec.argsTemplate[0] of AgentProvider "strict": the variable "parameters.target" has no value; set it on the run',
    },
  ];
  given.push(
    aProvider('strict', { argsTemplate: ['{{ parameters.target }}'] }),
    anAgent('strict', { providerRef: { name: 'strict' } }),
    ...ROWS.map(({ run }) => run),
  );

  it.each(ROWS)(
    '$what',
    async ({ run: { metadata }, reason, message }) => {
      const { name } = metadata;
      const run = await scene.finished(name);
      expect(statesOf(scene.runs.versions(name))).toEqual(['invalid']);
      expect(run.status).toMatchObject({ phase: 'Failed', reason, message });
      expect(condition(run, 'InvalidSpec')).toEqual({ status: 'True', reason, message });
      expect(condition(run, 'Accepted')).toEqual({ status: 'False', reason, message });
      expect(condition(run, 'Failed')).toEqual({ status: 'True', reason: 'InvalidSpec', message });
      expect(await scene.event(name, 'Failed')).toMatchObject({ type: 'Warning', note: `${reason}: ${message}` });
      expect([...scene.made(run), ...(await scene.children(run))]).toEqual([]);
    },
    30_000,
  );
});

describe('what the schema can tell is refused by the API server', () => {
  const implementations =
    'spec: Invalid value: set exactly one of implementationRef and implementation.inline: a run implements one thing';
  const { implementation, ...noImplementation } = aRun('neither', 'true').spec as Record<string, unknown>;
  const ROWS = [
    {
      what: 'no implementation',
      run: { ...aRun('neither', 'true'), spec: noImplementation },
      message: implementations,
    },
    {
      what: 'two implementations',
      run: { ...aRun('both', 'true'), spec: { ...noImplementation, implementation, implementationRef: { name: 'a' } } },
      message: implementations,
    },
    {
      what: 'a negative timeout',
      run: aRun('negative', 'true', { timeoutSeconds: -1 }),
      message:
        'spec.timeoutSeconds: Invalid value: -1: timeoutSeconds must be at least 1: leave it out to use the default of the Agent',
    },
  ];

  it.each(ROWS)('$what', async ({ run, message }) => {
    await expect(scene.apply(run)).rejects.toThrow(message);
    expect(scene.runs.versions(run.metadata.name)).toEqual([]);
  });
});

describe('what only the node can tell fails the run and ends its workload', () => {
  const SLOW = ['submitted', 'waiting', 'stopping', 'failed'];
  const late = 'not started within the startDeadlineSeconds of the Agent: ';
  const ROWS = [
    {
      what: 'an image that cannot be pulled',
      run: aRun('image', 'true', { agentRef: { name: 'impatient' }, workload: { image: 'registry.invalid/agent:1' } }),
      states: SLOW,
      failureClass: 'ImagePull',
      message: `${late}image "registry.invalid/agent:1" of container "agent" cannot be pulled; check its name and tag, and the Agent's spec.pod.imagePullSecrets`,
    },
    {
      what: 'a Secret that is allowed and not there',
      run: aRun('absent-secret', 'true', { agentRef: { name: 'impatient' }, secrets: [{ name: 'absent' }] }),
      states: SLOW,
      failureClass: 'ContainerConfig',
      message: `${late}container "agent": secret "absent" not found`,
    },
    {
      what: 'a Secret that is allowed and not there, as files',
      run: aRun('absent-files', 'true', {
        agentRef: { name: 'impatient' },
        secrets: [{ name: 'absent', mountPath: '/absent' }],
      }),
      states: SLOW,
      failureClass: 'ContainerConfig',
      message: `${late}the pod gets no volumes or no network; its events say why, such as a Secret, ConfigMap or claim that is not there`,
    },
    {
      what: 'a service account that is allowed and not there',
      run: aRun('absent-account', 'true', {
        agentRef: { name: 'impatient' },
        workload: { serviceAccountName: 'absent' },
      }),
      states: SLOW,
      failureClass: 'PodRejected',
      message: `${late}the cluster admits no pod; the Job's events say why, such as Pod Security or a service account (spec.workload.serviceAccountName) that is not there`,
    },
    {
      what: 'a repository that does not exist',
      run: aRun('repository', 'true', {
        execution: { coordinates: { git: { url: 'http://git-server/absent.git' } } },
        retry: { limit: 0 },
      }),
      states: ['submitted', 'failed'],
      failureClass: 'CheckoutFailed',
      message:
        "git ls-remote of execution.coordinates.git.url http://git-server/absent.git failed: fatal: repository 'http://git-server/absent.git/' not found; check the URL, and the Agent's security.allowedRepositories for its credentials",
    },
    {
      what: 'a binary that does not exist',
      run: aRun('binary', 'true', { agentRef: { name: 'mistaken' } }),
      states: ['submitted', 'running', 'failed'],
      failureClass: 'ContainerConfig',
      message:
        'spec.binary "/usr/local/bin/absent" of the AgentProvider was not found in the image, or its interpreter was not',
    },
  ];
  given.push(
    anAgent('impatient', {
      // The kubelet takes up to 15 seconds to say that an image behind a checkout cannot be pulled.
      pod: { startDeadlineSeconds: 25, terminationGracePeriodSeconds: 2 },
      security: { allowedSecrets: ['absent'], allowedServiceAccounts: ['absent'] },
    }),
    aProvider('mistaken', { binary: '/usr/local/bin/absent' }),
    anAgent('mistaken', { providerRef: { name: 'mistaken' } }),
    anAgent('foreign'),
    aRun('no-runner', 'true', {
      agentRef: { name: 'foreign' },
      workload: { image: 'docker.io/library/debian:bookworm-slim' },
    }),
    ...ROWS.map(({ run }) => run),
  );

  it.each(ROWS)(
    '$what [Agent spec.pod.startDeadlineSeconds]',
    async ({ run: { metadata }, states, failureClass, message }) => {
      const { name } = metadata;
      const run = await scene.finished(name);
      expect(statesOf(scene.runs.versions(name))).toEqual(states);
      expect(reasonsOf(name, 'Blocked')).toEqual(states.includes('waiting') ? [failureClass] : []);
      expect(run.status).toMatchObject({ phase: 'Failed', reason: failureClass, failureClass, message });
      expect(condition(run, 'Failed')).toEqual({ status: 'True', reason: failureClass, message });
      expect(run.status?.attempts).toMatchObject([{ number: 1, failureClass, message }]);
      expect(await scene.event(name, 'Failed')).toMatchObject({ type: 'Warning', note: `${failureClass}: ${message}` });
      expect(await scene.live(run)).toEqual([]);
    },
    60_000,
  );

  it('an image without agent-runner', async () => {
    const run = await scene.finished('no-runner');
    expect(run.status).toMatchObject({
      reason: 'ContainerConfig',
      message: expect.stringContaining('does its image host agent-runner?') as string,
    });
    expect(await scene.live(run)).toEqual([]);
  }, 60_000);
});

it('no version of any run breaks an invariant', () => {
  expect(() => scene.checkInvariants(['not-for-everybody'])).not.toThrow();
});
