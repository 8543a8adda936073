import { ConfigError } from './config.error.js';
import { readConfig } from './config.reader.js';
import { CONFIG_VARIABLES } from './config.variables.js';

const MINIMUM = { JANGAR_NAMESPACE: 'agents', JANGAR_RUNNER_IMAGE: 'registry.example/agent-runner:1' };

function read(env: Record<string, string>, serviceAccountNamespace?: string) {
  return readConfig({ env, serviceAccountNamespace: () => serviceAccountNamespace, hostname: () => 'host-1' });
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('fills in the documented defaults', () => {
    expect(read(MINIMUM)).toEqual({
      http: { port: 8080 },
      log: { level: 'info' },
      kubernetes: { namespace: 'agents', watchNamespaces: 'own' },
      leaderElection: { leaseName: 'jangar', identity: 'host-1' },
      manager: {
        resyncSeconds: 600,
        backOff: { initialMs: 500, maxMs: 300_000 },
        concurrency: 4,
        passTimeoutSeconds: 60,
        shutdownGraceSeconds: 20,
      },
      runs: {
        defaultImage: 'registry.example/agent-runner:1',
        runnerImage: 'registry.example/agent-runner:1',
        checkoutImage: 'registry.example/agent-runner:1',
        timeoutSeconds: 3600,
      },
    });
  });

  it('is frozen at every level', () => {
    const config = read({ ...MINIMUM, JANGAR_WATCH_NAMESPACES: 'a,b' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.manager.backOff)).toBe(true);
    expect(Object.isFrozen(config.kubernetes.watchNamespaces)).toBe(true);
  });

  it.each([
    { value: '', expected: 'own' },
    { value: '*', expected: '*' },
    { value: 'team-a', expected: ['team-a'] },
    { value: ' team-a , team-b,team-a', expected: ['team-a', 'team-b'] },
  ])('reads "$value" as the watched namespaces $expected', ({ value, expected }) => {
    expect(read({ ...MINIMUM, JANGAR_WATCH_NAMESPACES: value }).kubernetes.watchNamespaces).toEqual(expected);
  });

  it.each([
    { env: { JANGAR_NAMESPACE: 'a', POD_NAMESPACE: 'b' }, file: 'c', expected: 'a' },
    { env: { POD_NAMESPACE: 'b' }, file: 'c', expected: 'b' },
    { env: {}, file: 'c', expected: 'c' },
  ])('takes its own namespace from the first source that has it: $expected', ({ env, file, expected }) => {
    const config = read({ JANGAR_RUNNER_IMAGE: 'image', ...env }, file);
    expect(config.kubernetes.namespace).toBe(expected);
  });

  it('names itself after the pod when it is told the name', () => {
    expect(read({ ...MINIMUM, POD_NAME: 'jangar-7d9f' }).leaderElection.identity).toBe('jangar-7d9f');
  });

  it.each([
    ['JANGAR_HTTP_PORT', '0', 'must not be less than 1'],
    ['JANGAR_HTTP_PORT', '65536', 'must not be greater than 65535'],
    ['JANGAR_HTTP_PORT', 'tcp://10.96.0.7:8080', 'must be an integer number'],
    ['JANGAR_HTTP_PORT', '0x50', 'must be an integer number'],
    ['JANGAR_LOG_LEVEL', 'loud', 'must be one of the following values: trace, debug, info, warn, error, fatal'],
    ['JANGAR_NAMESPACE', 'Not_A_Label', 'must be the name of a namespace'],
    ['JANGAR_WATCH_NAMESPACES', 'a,,b', 'must be empty, "*", or names of namespaces separated by commas'],
    ['JANGAR_WATCH_NAMESPACES', 'a,*', 'must be empty, "*", or names of namespaces separated by commas'],
    ['JANGAR_LEASE_NAME', 'My Lease', 'must be a valid name of a Lease'],
    ['JANGAR_RESYNC_SECONDS', '0', 'must not be less than 1'],
    ['JANGAR_BACKOFF_MAX_MS', '499', 'must not be less than JANGAR_BACKOFF_INITIAL_MS'],
    ['JANGAR_RECONCILE_CONCURRENCY', '0', 'must not be less than 1'],
    ['JANGAR_SHUTDOWN_GRACE_SECONDS', '-1', 'must not be less than 0'],
    ['JANGAR_RUN_TIMEOUT_SECONDS', '1.5', 'must be an integer number'],
    ['JANGAR_RUNNER_IMAGE', 'an image', 'must be an image reference'],
  ])('rejects %s=%s', (name, value, problem) => {
    expect(problemsOf({ ...MINIMUM, [name]: value })).toContain(`${name} ${problem}`);
  });

  it('says what is missing and what it is for, once', () => {
    expect(problemsOf({ JANGAR_NAMESPACE: 'agents' })).toEqual([
      'JANGAR_RUNNER_IMAGE is required: Image that holds agent-runner and git.',
    ]);
  });

  it('lists all problems at once and repeats no value', () => {
    const env = {
      ...MINIMUM,
      JANGAR_HTTP_PORT: 'hunter2',
      JANGAR_LOG_LEVEL: 'hunter2',
      JANGAR_RUN_TIMEOUT_SECONDS: 'hunter2',
    };
    const problems = problemsOf(env);
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'JANGAR_HTTP_PORT',
      'JANGAR_LOG_LEVEL',
      'JANGAR_RUN_TIMEOUT_SECONDS',
    ]);
    expect(problems.join()).not.toContain('hunter2');
  });
});

describe('CONFIG_VARIABLES', () => {
  it('fills every leaf of the tree, each by one variable', () => {
    const leaves = (value: object, path: string): string[] =>
      Object.entries(value).flatMap(([name, child]) =>
        typeof child === 'object' && child !== null && !Array.isArray(child)
          ? leaves(child as object, `${path}${name}.`)
          : [path + name],
      );
    const paths = CONFIG_VARIABLES.map((variable) => variable.path).toSorted();
    expect(paths).toEqual(leaves(read(MINIMUM), '').toSorted());
    expect(new Set(CONFIG_VARIABLES.map((variable) => variable.name)).size).toBe(CONFIG_VARIABLES.length);
  });

  it('uses no name that Kubernetes sets for a Service called jangar', () => {
    for (const { name } of CONFIG_VARIABLES) expect(name).not.toMatch(/^JANGAR_(PORT|SERVICE)(_|$)/);
  });
});
