import { createHash } from 'node:crypto';
import { findCondition } from '../../src/api/meta/condition.js';
import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { FIRST_COMMIT, waitAtGate } from '../support/git-repository.js';
import {
  type Applied,
  aConfigMap,
  anAgent,
  anImplementation,
  aProvider,
  aRun,
  aSecret,
  REPOSITORY_URL,
} from '../support/run-objects.js';
import { RunScene } from '../support/run-scene.js';
import { stateOf, statesOf } from '../support/run-states.js';

const MINUTES = 60_000;
const SUCCESS = ['submitted', 'running', 'succeeded'];
const FAILURE = ['submitted', 'running', 'failed'];

/** Values of the Secrets below, by the variable that each becomes. */
const VALUES = {
  AGENT: 'agent-4f1c9a7e2b',
  PROVIDER: 'provider-8d3e5f6a1c',
  NAMED: 'named-0b9a8c7d6e',
  ALL: 'all-5e4d3c2b1a',
  FILE: 'file-7a6b5c4d3e',
};

let scene: RunScene;

/** What the tests below declare. All of it is applied at once, and each test waits for its own run. */
const given: Applied[] = [aProvider('shell'), anAgent('worker')];

beforeAll(async () => {
  scene = await RunScene.create('run');
  await scene.applyInOrder(given);
}, 3 * MINUTES);

afterAll(() => scene.delete(), 3 * MINUTES);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const states = (name: string): string[] => statesOf(scene.runs.versions(name));

describe('a run that succeeds', () => {
  const name = 'succeeds';
  given.push(
    aProvider('reporter', { outputArtifacts: [{ name: 'report', path: 'out/report.md', required: true }] }),
    anAgent('reporter', { providerRef: { name: 'reporter' } }),
    anImplementation('report', { text: 'Write the report.', summary: 'A report' }),
    aRun(
      name,
      `${waitAtGate(name)}; mkdir out; seq 1000 >out/report.md; sha256sum out/report.md; wc -c out/report.md`,
      {
        agentRef: { name: 'reporter' },
        implementationRef: { name: 'report' },
      },
    ),
  );
  let run: AgentRun;

  beforeAll(async () => {
    await scene.became(name, 'InProgress', 'Running');
    await scene.repository.openGate(name);
    run = await scene.finished(name);
  }, MINUTES);

  it('is Pending, then Running, then Succeeded, with every condition as the table has it [AgentRun status.phase status.conditions.{type,status}]', () => {
    expect(states(name)).toEqual(SUCCESS);
    const phases = scene.runs.versions(name).map(({ status }) => status?.phase);
    expect([...new Set(phases)]).toEqual([undefined, 'Pending', 'Running', 'Succeeded']);
  });

  it('records the artifact with the size and hash of the file [AgentRun status.artifacts.{name,path,sizeBytes,sha256}]', async () => {
    const log = await scene.log(run);
    const [, digest] = /^([0-9a-f]{64}) {2}out\/report\.md$/m.exec(log) ?? [];
    const [, size] = /^(\d+) out\/report\.md$/m.exec(log) ?? [];
    expect(run.status?.artifacts).toEqual([
      { name: 'report', path: 'out/report.md', sizeBytes: Number(size), sha256: digest },
    ]);
  });

  it('takes its times from the workload itself [AgentRun status.{submittedAt,startedAt,finishedAt}]', () => {
    const agent = scene.pod(run)?.status?.containerStatuses?.find((container) => container.name === 'agent');
    const [job] = scene.jobs.versions(run.status?.runtimeRef?.name ?? '');
    expect(run.status).toMatchObject({
      submittedAt: job?.metadata.creationTimestamp,
      startedAt: agent?.state?.terminated?.startedAt,
      finishedAt: agent?.state?.terminated?.finishedAt,
    });
  });

  it('names its one workload and what was run [AgentRun status.runtimeRef.{type,name,namespace,uid} status.attempts.{number,submittedAt,startedAt,finishedAt} status.attempts.runtimeRef.{type,name,namespace,uid} status.resolved.{image,executionSpecHash,agentGeneration,providerGeneration}]', () => {
    const made = scene.made(run);
    const job = scene.jobs.current(run.status?.runtimeRef?.name ?? '');
    const { name: jobName, uid } = job?.metadata ?? {};
    const { namespace } = scene.installation;
    const { submittedAt, startedAt, finishedAt, runtimeRef } = run.status ?? {};
    expect(made).toEqual([jobName, scene.pod(run)?.metadata.name]);
    expect(runtimeRef).toEqual({ type: 'job', name: jobName, namespace, uid });
    expect(run.status?.attempts).toEqual([{ number: 1, runtimeRef, submittedAt, startedAt, finishedAt }]);
    expect(run.status?.resolved).toEqual({
      image: 'ghcr.io/proompteng/agent-runner:0.3.0-dev',
      executionSpecHash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      agentGeneration: 1,
      providerGeneration: 1,
      timeoutSeconds: 120,
      retryLimit: 0,
      retryBackoffSeconds: 10,
      retryOn: [],
      ttlSecondsAfterFinished: 604_800,
    });
  });

  it('tells its course in events', async () => {
    await scene.event(name, 'Succeeded');
    const told = scene.events.events.filter(({ object }) => object.regarding.uid === run.metadata.uid);
    expect(told.map(({ object }) => [object.type, object.reason])).toEqual([
      ['Normal', 'Submitted'],
      ['Normal', 'Started'],
      ['Normal', 'Succeeded'],
    ]);
  });
});

describe('what an agent gets', () => {
  // None of it may mean anything to a template engine, Kubernetes, a shell or JSON.
  const hostile = 'Say {{ run.uid }}, {% if x %}, $(HOME), $HOME, ${PATH}, `id`, "a", \'b\', \\n and ünïcödé ✓';
  given.push(
    aProvider('quoting', {
      argsTemplate: ['-euc', '{{ parameters.script }}', 'bash', '{{ implementation.text }}', '{{ parameters.note }}'],
      envTemplate: { TEXT: '{{ implementation.text }}' },
      inputFiles: [{ path: '.agent/task.md', content: '{{ implementation.text }}' }],
    }),
    anAgent('quoting', { providerRef: { name: 'quoting' }, env: [{ name: 'PLAIN', value: '$(HOME) {{ x }}' }] }),
    anImplementation('hostile', { text: hostile }),
    aRun(
      'text',
      `say() { printf '%s ' "$1"; base64 --wrap=0; echo; }
       printf %s "$1" | say argument; printf %s "$2" | say parameter; printf %s "$TEXT" | say variable
       printf %s "$PLAIN" | say plain; say file <.agent/task.md
       node -p 'JSON.parse(fs.readFileSync(process.env.AGENT_RUN_SPEC)).implementation.text' | say input`,
      { agentRef: { name: 'quoting' }, implementationRef: { name: 'hostile' }, parameters: { note: hostile } },
    ),
  );

  it('is the text as it was written, wherever it goes [AgentRun spec.agentRef.name spec.implementationRef.name] [Agent spec.providerRef.name] [ImplementationSpec spec.text]', async () => {
    const run = await scene.finished('text');
    const lines = (await scene.log(run)).split('\n').map((line) => line.split(' '));
    const decoded = lines.map(([key = '', value = '']) => [key, Buffer.from(value, 'base64').toString()]);
    expect(Object.fromEntries(decoded)).toMatchObject({
      argument: hostile,
      parameter: hostile,
      variable: hostile,
      file: hostile,
      input: `${hostile}\n`,
      plain: '$(HOME) {{ x }}',
    });
  }, 60_000);

  const CHECKOUTS = [
    { name: 'no-ref', git: {}, expected: '/workspace/repository third main' },
    { name: 'branch', git: { ref: 'feature/login' }, expected: '/workspace/repository fourth feature/login' },
    { name: 'tag', git: { ref: 'v1' }, expected: '/workspace/repository second HEAD' },
    { name: 'commit', git: { ref: FIRST_COMMIT }, expected: '/workspace/repository first HEAD' },
    { name: 'path', git: { path: 'app', ref: 'main' }, expected: '/workspace/repository/app third main' },
  ];
  const where = 'echo "$PWD" "$(cat VERSION 2>/dev/null || cat notes.txt)" "$(git rev-parse --abbrev-ref HEAD)"';
  for (const { name, git } of CHECKOUTS) {
    given.push(aRun(name, where, { execution: { coordinates: { git: { url: REPOSITORY_URL, ...git } } } }));
  }

  it.each(CHECKOUTS)(
    'is the repository at its $name [AgentRun spec.execution.coordinates.git.{url,ref,path}]',
    async ({ name, expected }) => {
      const run = await scene.finished(name);
      expect(run.status?.phase).toBe('Succeeded');
      expect((await scene.log(run)).split('\n')[0]).toBe(expected);
    },
    60_000,
  );

  given.push(
    aProvider('foreign', { image: 'docker.io/library/debian:bookworm-slim', runner: 'inject' }),
    anAgent('foreign', { providerRef: { name: 'foreign' } }),
    aRun(
      'injected',
      'if command -v node git; then exit 1; fi; . /etc/os-release; echo "$ID as $(id -un):$(id -u)"; cat VERSION',
      {
        agentRef: { name: 'foreign' },
      },
    ),
  );

  it('is agent-runner in an image that has neither Node nor git [AgentProvider spec.{runner,image}]', async () => {
    const run = await scene.finished('injected');
    expect(run.status).toMatchObject({
      phase: 'Succeeded',
      resolved: { image: 'docker.io/library/debian:bookworm-slim' },
    });
    expect(await scene.log(run)).toContain('debian as agent:65532\nthird\n');
  }, 60_000);
});

describe('the pod of an agent', () => {
  // A name of a run may be longer than one of a pod or a label.
  const name = `${'long-'.repeat(40)}name.of-a-run`;
  given.push(
    anAgent('careful', {
      pod: { runAsUser: 12_345, fsGroup: 23_456, readOnlyRootFilesystem: true, terminationGracePeriodSeconds: 8 },
    }),
    aRun(
      name,
      `id -un; id -u; id -G; touch /probe 2>&1 || true; touch "$HOME/a" "$TMPDIR/b"
       git -c user.name=a -c user.email=a@b commit --quiet --allow-empty --message=mine; git log -1 --format=%s`,
      { agentRef: { name: 'careful' } },
    ),
  );

  it('runs as the user that its Agent says, with nothing to write but its directories and the repository [Agent spec.pod.{runAsUser,fsGroup,readOnlyRootFilesystem}]', async () => {
    const run = await scene.finished(name);
    expect(run.status?.phase).toBe('Succeeded');
    expect(await scene.log(run)).toBe(
      "agent\n12345\n12345 23456\ntouch: cannot touch '/probe': Read-only file system\nmine\n",
    );
  }, 60_000);
});

describe('secrets', () => {
  const NAMES = ['of-provider', 'of-run', 'all-keys', 'files'];
  given.push(
    aSecret('of-agent', { value: VALUES.AGENT }),
    aSecret('of-provider', { value: VALUES.PROVIDER }),
    aSecret('of-run', { value: VALUES.NAMED, other: 'never-asked-for' }),
    aSecret('all-keys', { ALL: VALUES.ALL }),
    aSecret('files', { token: VALUES.FILE }),
    aConfigMap('settings', { mode: 'careful' }),
    aProvider('keyed', { secretEnv: [{ name: 'PROVIDER', secretRef: { name: 'of-provider', key: 'value' } }] }),
    anAgent('keyed', {
      providerRef: { name: 'keyed' },
      security: { allowedSecrets: NAMES },
      env: [
        { name: 'AGENT', valueFrom: { secretKeyRef: { name: 'of-agent', key: 'value' } } },
        { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
      ],
    }),
    aRun(
      'keyed',
      `FILE=$(cat /secrets/token)
       for name in AGENT PROVIDER NAMED ALL FILE; do
         echo "$name is \${!name}"
         echo "$name hashes to $(printf %s "\${!name}" | sha256sum)"
       done
       env | grep -c never-asked-for || true
       echo "the mode is $MODE"
       echo '{"message":"used '"$NAMED"'","outputs":{"token":"'"$FILE"'"}}' >"$AGENT_STATUS_PATH"`,
      {
        agentRef: { name: 'keyed' },
        secrets: [
          { name: 'of-run', keys: [{ key: 'value', env: 'NAMED' }] },
          { name: 'all-keys' },
          { name: 'files', mountPath: '/secrets' },
        ],
      },
    ),
  );
  let run: AgentRun;
  let log: string;

  beforeAll(async () => {
    run = await scene.finished('keyed');
    log = await scene.log(run);
  }, MINUTES);

  it.each(Object.entries(VALUES))(
    'reach the agent and are masked in its log: %s [AgentRun spec.secrets.{name,keys.key,keys.env,mountPath}] [AgentProvider spec.secretEnv.{name,secretRef.name,secretRef.key}] [Agent spec.env.{name,valueFrom.secretKeyRef.name,valueFrom.secretKeyRef.key}]',
    (name, value) => {
      expect(log).toContain(`${name} hashes to ${sha256(value)}`);
      expect(log).toContain(`${name} is ***\n`);
    },
  );

  it('come with nothing that nobody asked for, beside settings that are none [Agent spec.env.valueFrom.configMapKeyRef.{name,key}]', () => {
    expect(log).toContain('\n0\nthe mode is careful\n');
  });

  it('are masked in what the agent reports [AgentRun status.{message,outputs}]', () => {
    expect(run.status).toMatchObject({ phase: 'Succeeded', message: 'used ***', outputs: { token: '***' } });
  });

  it('are in no log and no object of the namespace but the Secrets themselves', async () => {
    const { installation } = scene;
    const kinds = await installation.kubectl(['api-resources', '--namespaced', '--verbs=list', '--output=name']);
    const shown = kinds.split('\n').filter((kind) => kind !== '' && kind !== 'secrets');
    const objects = await installation.kubectl(['get', shown.join(','), '--output=yaml', '--show-managed-fields']);
    const control = await installation.kubectl(['logs', 'deployment/jangar-agents']);
    expect(objects).toContain('of-run');
    expect(control).toContain(run.metadata.uid);
    for (const value of Object.values(VALUES)) {
      for (const form of [value, Buffer.from(value).toString('base64')]) {
        expect(objects).not.toContain(form);
        expect(control).not.toContain(form);
        expect(log).not.toContain(form);
      }
    }
  });
});

describe('a run that fails', () => {
  given.push(
    aRun('exit-code', 'echo "cannot go on" >&2; exit 3'),
    anAgent('small', { resources: { memory: '128Mi' } }),
    aRun('out-of-memory', 'head --bytes=1G /dev/zero | tail', { agentRef: { name: 'small' } }),
    // It ignores TERM: only KILL after the grace period ends it.
    aRun('too-slow', `trap '' TERM; ${waitAtGate('never')}`, { timeoutSeconds: 2 }),
  );

  it.each([
    { name: 'exit-code', failureClass: 'AgentError', exitCode: 3, message: 'the agent exited with 3' },
    {
      name: 'out-of-memory',
      failureClass: 'OutOfMemory',
      exitCode: 137,
      message: 'the agent was killed for lack of memory',
    },
    {
      name: 'too-slow',
      failureClass: 'Timeout',
      exitCode: 124,
      message: 'the agent was stopped at its deadline of 2 s',
    },
  ])(
    'says $failureClass for $name [AgentRun status.{phase,reason,message,failureClass} status.attempts.{failureClass,exitCode,message}]',
    async ({ name, failureClass, exitCode, message }) => {
      const run = await scene.finished(name);
      expect(states(name)).toEqual(FAILURE);
      expect(run.status).toMatchObject({ phase: 'Failed', reason: failureClass, failureClass, message });
      expect(run.status?.attempts).toMatchObject([{ number: 1, failureClass, exitCode, message }]);
      expect(findCondition(run.status?.conditions, 'Failed')).toMatchObject({ reason: failureClass, message });
      expect(await scene.live(run)).toEqual([]);
      expect(await scene.event(name, 'Failed')).toMatchObject({ type: 'Warning', note: `${failureClass}: ${message}` });
    },
    60_000,
  );
});

describe('a run that is stopped', () => {
  const TIDY = `trap 'echo TERM reached the agent; exit 0' TERM; echo started; ${waitAtGate('never')}`;
  given.push(
    aRun('deleted', TIDY),
    aRun('cancelled', TIDY),
    aRun('cancelled-early', 'true', { agentRef: { name: 'absent' } }),
  );
  const cancel = (name: string): Promise<string> =>
    scene.installation.kubectl(['patch', 'agentrun', name, '--type=merge', '--patch={"spec":{"cancel":true}}']);

  it('leaves no Job, pod or ConfigMap when it is deleted, and its agent could tidy up', async () => {
    const run = await scene.became('deleted', 'InProgress', 'Running');
    const children = await scene.children(run);
    expect(children.map((child) => child.split('/')[0])).toEqual(['job.batch', 'pod', 'configmap']);
    const log = await scene.follow(run);
    await scene.installation.kubectl(['delete', 'agentrun', 'deleted']);
    expect(await log.ended).toContain('TERM reached the agent');
    await scene.installation.kubectl(['wait', '--for=delete', ...children, '--timeout=60s']);
    expect(await scene.children(run)).toEqual([]);
  }, 90_000);

  it('is Cancelled once its workload is gone, and its agent could tidy up [AgentRun spec.cancel]', async () => {
    const log = await scene.follow(await scene.became('cancelled', 'InProgress', 'Running'));
    await cancel('cancelled');
    const run = await scene.finished('cancelled');
    expect(states('cancelled')).toEqual(['submitted', 'running', 'stopping', 'cancelled']);
    expect(await log.ended).toContain('TERM reached the agent');
    const gone = [...scene.pods.events, ...scene.jobs.events].filter(
      ({ type, object }) => type === 'DELETED' && scene.made(run).includes(object.metadata.name),
    );
    expect(gone).toHaveLength(2);
    for (const { object } of gone) {
      expect(Number(object.metadata.resourceVersion)).toBeLessThan(Number(run.metadata.resourceVersion));
    }
  }, 90_000);

  it('is Cancelled without a workload when it was never submitted', async () => {
    await scene.became('cancelled-early', 'Blocked', 'AgentNotFound');
    await cancel('cancelled-early');
    const run = await scene.finished('cancelled-early');
    expect(states('cancelled-early')).toEqual(['blocked', 'cancelled']);
    expect(run.status).toMatchObject({ phase: 'Cancelled', message: 'cancelled before it was submitted' });
    expect([...scene.made(run), ...(await scene.children(run))]).toEqual([]);
    expect(await scene.event('cancelled-early', 'Cancelled')).toMatchObject({ type: 'Normal' });
  }, 60_000);
});

describe('a run whose workload somebody deletes', () => {
  const retry = { limit: 0 };
  given.push(aRun('job-deleted', waitAtGate('never'), { retry }), aRun('pod-deleted', waitAtGate('never'), { retry }));

  it.each([
    ['job', /^the workload vanished before it was finished: something else deleted it, or its node is gone$/],
    // Whether the pod object outlives the Job's verdict is the Job controller's and the kubelet's race.
    ['pod', /^the pod was deleted while it ran, and not by this control plane$|^the Job failed and no pod tells why: /],
  ])(
    'says WorkloadLost when it is the %s',
    async (kind, message) => {
      const name = `${kind}-deleted`;
      const { status, ...running } = await scene.became(name, 'InProgress', 'Running');
      const child = kind === 'job' ? status?.runtimeRef?.name : scene.pod(running)?.metadata.name;
      await scene.installation.kubectl(['delete', kind, child ?? '', '--wait=false']);
      const run = await scene.finished(name);
      expect(run.status).toMatchObject({ phase: 'Failed', failureClass: 'WorkloadLost' });
      expect(run.status?.message).toMatch(message);
      expect(await scene.live(run)).toEqual([]);
    },
    60_000,
  );
});

describe('a run whose references change', () => {
  const name = 'frozen';
  given.push(
    aProvider(name, { inputFiles: [{ path: 'task.md', content: '{{ implementation.text }}' }] }),
    anAgent(name, { providerRef: { name }, env: [{ name: 'MODE', value: 'before' }] }),
    anImplementation(name, { text: 'before' }),
    aRun(name, `${waitAtGate(name)}; cat task.md; echo " and $MODE"`, {
      agentRef: { name },
      implementationRef: { name },
    }),
  );

  it('goes on as it was submitted, also when they are edited and deleted', async () => {
    const before = await scene.became(name, 'InProgress', 'Running');
    await scene.apply(
      aProvider(name, { binary: '/bin/false', argsTemplate: ['{{ parameters.gone }}'] }),
      anAgent(name, { providerRef: { name: 'shell' }, env: [{ name: 'MODE', value: 'after' }] }),
      anImplementation(name, { text: 'after' }),
    );
    const references = ['agents', 'agentproviders', 'implementationspecs'].map((kind) => `${kind}/${name}`);
    await scene.installation.kubectl(['delete', ...references]);
    await scene.repository.openGate(name);
    const run = await scene.finished(name);
    expect(states(name)).toEqual(SUCCESS);
    expect(run.status?.resolved).toEqual(before.status?.resolved);
    expect(await scene.log(run)).toContain('before and before\n');
  }, 90_000);
});

describe('every status that was ever written here', () => {
  const KNOWN = [...SUCCESS, 'waiting', 'stopping', 'failed', 'cancelled', 'blocked'];

  it('is a row of the condition table and keeps the invariants', () => {
    const written = scene.runs.events.map(({ object }) => object).filter(({ status }) => status !== undefined);
    expect(written.length).toBeGreaterThan(given.length);
    expect(written.map(stateOf).filter((state) => !KNOWN.includes(state))).toEqual([]);
    expect(() => scene.checkInvariants(Object.values(VALUES))).not.toThrow();
  });
});
