import { sharedApiServer } from '../support/api-server.js';
import { Admission, collectionPath, manifest } from './support/admission.js';
import { COMPLETE } from './support/complete.js';

const NAMESPACE = 'kubectl';
const OTHERS = ['agents', 'agentproviders', 'memories', 'implementationspecs', 'implementationsources'] as const;
const server = sharedApiServer();
const admission = new Admission(server, NAMESPACE);

async function get(...args: string[]): Promise<string[][]> {
  const { code, stdout, stderr } = await server.kubectl(['get', '-n', NAMESPACE, ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
}

async function kinds(resource: string): Promise<Set<string>> {
  const { stdout } = await server.kubectl(['get', resource, '-n', NAMESPACE, '-o', 'name']);
  return new Set(
    stdout
      .trim()
      .split('\n')
      .map((name) => name.split('.')[0]!),
  );
}

beforeAll(async () => {
  await admission.makeNamespace();
  const [run] = COMPLETE.agentruns.specs;
  await admission.create('agentruns', 'pending', { ...run, agentRef: { name: 'other' } });
  await admission.create('agentruns', 'done', run!);
  await admission.writeStatus('agentruns', 'pending', { phase: 'Pending', reason: 'AgentNotFound' });
  const attempts = [{ number: 11 }, { number: 12 }];
  await admission.writeStatus('agentruns', 'done', { ...COMPLETE.agentruns.status, attempts });
  for (const plural of OTHERS) {
    await admission.create(plural, 'one', COMPLETE[plural].specs[0]!);
    await admission.writeStatus(plural, 'one', COMPLETE[plural].status);
  }
});
afterAll(async () => server.stop());

describe('kubectl get', () => {
  it('shows phase, agent, runtime, reason and age of a run under its short name', async () => {
    expect(await get('agr')).toEqual([
      ['NAME', 'PHASE', 'AGENT', 'RUNTIME', 'REASON', 'AGE'],
      ['done', 'Failed', 'codex-agent', 'job', 'AgentError', expect.stringMatching(/^\d+s$/)],
      ['pending', 'Pending', 'other', 'AgentNotFound', expect.stringMatching(/^\d+s$/)],
    ]);
  });

  it('shows times and the number of the last attempt when asked for more', async () => {
    const [header, done] = await get('agentruns', '-o', 'wide');
    expect(header!.slice(-3)).toEqual(['STARTED', 'FINISHED', 'ATTEMPTS']);
    expect(done!.at(-1)).toBe('12');
  });

  it.each([
    ['ag', ['NAME', 'PROVIDER', 'RUNTIME', 'READY', 'REASON', 'AGE'], ['one', 'codex-runner', 'job', 'True', 'Ready']],
    ['agp', ['NAME', 'BINARY', 'READY', 'REASON', 'AGE'], ['one', '/usr/local/bin/agent', 'True', 'Ready']],
    ['impl', ['NAME', 'SOURCE', 'SUMMARY', 'READY', 'AGE'], ['one', 'linear', 'Login', 'True']],
    ['mem', ['NAME', 'TYPE', 'DEFAULT', 'READY', 'HEALTHY', 'AGE'], ['one', 'postgres', 'true', 'True']],
    ['implsrc', ['NAME', 'PROVIDER', 'READY', 'REASON', 'ISSUES', 'AGE'], ['one', 'github', 'True', 'Ready', '12']],
  ])('shows what %s say of themselves', async (shortName, header, row) => {
    const [head, first] = await get(shortName);
    expect(head).toEqual(header);
    expect(first!.slice(0, row.length)).toEqual(row);
  });

  it.each([
    ['status.phase=Pending', ['pending']],
    ['status.phase!=Pending', ['done']],
    ['spec.agentRef.name=codex-agent', ['done']],
    ['spec.agentRef.name=other,status.phase=Failed', []],
  ])('selects runs by %s', async (selector, expected) => {
    const names = ['-o', 'jsonpath={.items[*].metadata.name}'];
    const args = ['get', 'agentruns', '-n', NAMESPACE, '--field-selector', selector];
    const { stdout } = await server.kubectl(args.concat(names));
    expect(stdout.split(' ').filter((name) => name !== '')).toEqual(expected);
  });

  it.each([
    ['agents', 'spec.providerRef.name=codex-runner'],
    ['memories', 'spec.type=postgres'],
    ['implementationspecs', 'spec.source.provider=linear'],
    ['implementationsources', 'spec.provider=github'],
  ])('selects %s by %s', async (resource, selector) => {
    const names = async (by: string): Promise<string> => {
      const args = ['get', resource, '-n', NAMESPACE, '--field-selector', by, '-o', 'name'];
      return (await server.kubectl(args)).stdout;
    };
    expect(await names(selector)).toMatch(/\/one\n$/);
    expect(await names(selector.replace('=', '!='))).toBe('');
  });

  it('finds all kinds under the category jangar', async () => {
    const { stdout } = await server.kubectl(['api-resources', '--categories=jangar', '-o', 'name']);
    expect(stdout.trim().split('\n').toSorted()).toEqual(
      ['agentproviders', 'agentruns', 'agents', 'implementationsources', 'implementationspecs', 'memories'].map(
        (plural) => `${plural}.agents.proompteng.ai`,
      ),
    );
  });

  it('lists every kind as jangar, which is the category, and Agents alone by each of their names', async () => {
    expect(await kinds('jangar')).toEqual(
      new Set(['agent', 'agentprovider', 'agentrun', 'implementationsource', 'implementationspec', 'memory']),
    );
    for (const name of ['agents', 'agent', 'ag']) expect(await kinds(name)).toEqual(new Set(['agent']));
  });

  it('explains a field with its description', async () => {
    const { stdout } = await server.kubectl(['explain', 'agentrun.spec.timeoutSeconds']);
    expect(stdout).toContain("How long one attempt may run; absent means the Agent's default.");
  });
});

describe('a field that does not exist', () => {
  const [run] = COMPLETE.agentruns.specs;
  const withStray = manifest('agentruns', 'stray', { ...run, runtimeOverrides: { job: { hostNetwork: true } } });

  it('is rejected by kubectl, with its name', async () => {
    const result = await server.kubectl(['create', '-n', NAMESPACE, '-f', '-'], JSON.stringify(withStray));
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('unknown field "spec.runtimeOverrides.job.hostNetwork"');
  });

  it('is rejected by server-side apply, with its name', async () => {
    const args = ['apply', '--server-side', '--validate=false', '-n', NAMESPACE, '-f', '-'];
    const result = await server.kubectl(args, JSON.stringify(withStray));
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('hostNetwork');
  });

  it('is dropped with a warning for a client that asks for no validation, so it never takes effect', async () => {
    const { status, body, warnings } = await server.client.send('POST', collectionPath(NAMESPACE, 'agentruns'), {
      body: withStray,
    });
    expect(status).toBe(201);
    expect(warnings).toEqual(['unknown field "spec.runtimeOverrides.job.hostNetwork"']);
    expect(JSON.stringify((body as { spec: object }).spec)).not.toContain('hostNetwork');
  });
});

/** A run as YAML whose `retry` has its list under the given key. */
function yaml(key: string): string {
  const text = JSON.stringify(manifest('agentruns', 'yaml', COMPLETE.agentruns.specs[1]!));
  return text.replace('"agentRef"', `"retry":{${key}: [Timeout]},"agentRef"`);
}

describe('a run in YAML', () => {
  it('says what to retry under the key "on", in quotes', async () => {
    const args = ['create', '--dry-run=server', '-n', NAMESPACE, '-f', '-'];
    const result = await server.kubectl([...args, '-o', 'jsonpath={.spec.retry}'], yaml('"on"'));
    expect(result).toMatchObject({ code: 0, stdout: '{"on":["Timeout"]}' });
  });

  it('is rejected when the key is plain, because YAML 1.1 reads it as true', async () => {
    const result = await server.kubectl(['create', '--dry-run=server', '-n', NAMESPACE, '-f', '-'], yaml('on'));
    expect(result.stderr).toContain('unknown field "spec.retry.true"');
  });
});
