import { ConfigError } from './config.error.js';
import { readConfig } from './config.reader.js';
import { CONFIG_VARIABLES } from './config.variables.js';

const MINIMUM = { JANGAR_NAMESPACE: 'agents', JANGAR_RUNNER_IMAGE: 'registry.example/agent-runner:1' };
const STORE = {
  JANGAR_ARTIFACT_STORE_ENDPOINT: 'https://s3.example.com',
  JANGAR_ARTIFACT_STORE_BUCKET: 'artifacts',
  JANGAR_ARTIFACT_STORE_SECRET_NAME: 'artifact-store',
};

function read(env: Record<string, string>, serviceAccountNamespace?: string) {
  return readConfig({ env, serviceAccountNamespace: () => serviceAccountNamespace, hostname: () => 'host-1' });
}

const PLAIN_URL = 'must be an http or https URL without credentials, query and fragment';
const PREFIX_RULE = "must be segments of letters, digits and !_.*'()- with single slashes between them";

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
        retryLimit: 2,
        retryBackoffSeconds: 10,
        ttlSecondsAfterFinished: 604_800,
      },
      admission: { maxRuns: 100, maxRunsPerNamespace: 10, maxRunsPerAgent: 5, pauseProbeSeconds: 60 },
    });
  });

  it('has a store of artifacts once its endpoint is given, with the documented defaults', () => {
    expect(read({ ...MINIMUM, ...STORE }).artifactStore).toEqual({
      endpoint: 'https://s3.example.com',
      bucket: 'artifacts',
      region: 'us-east-1',
      prefix: '',
      keyTemplate: '{{ run.namespace }}/{{ run.name }}/{{ run.uid }}/{{ attempt }}/{{ artifact.key }}',
      secretName: 'artifact-store',
      forcePathStyle: true,
    });
  });

  it('takes a variable that is empty, or only spaces, for one that is not there', () => {
    const env = {
      ...MINIMUM,
      JANGAR_ARTIFACT_STORE_ENDPOINT: '',
      JANGAR_ARTIFACT_STORE_BUCKET: ' ',
      JANGAR_HTTP_PORT: '',
    };
    expect(read(env)).toEqual(read(MINIMUM));
  });

  it.each(['true', 'false'])('reads %s as a truth value', (text) => {
    const env = { ...MINIMUM, ...STORE, JANGAR_ARTIFACT_STORE_FORCE_PATH_STYLE: text };
    expect(read(env).artifactStore?.forcePathStyle).toBe(text === 'true');
  });

  it.each(['', 'runs', 'team-a/runs', 'a.b/..c'])('takes "%s" as the prefix of keys', (prefix) => {
    const env = { ...MINIMUM, ...STORE, JANGAR_ARTIFACT_STORE_PREFIX: prefix };
    expect(read(env).artifactStore?.prefix).toBe(prefix);
  });

  it.each([
    ['no/variables', 'must end with /{{ artifact.key }}'],
    ['{{ run.name }}/{{ artifact.key }}', 'must hold {{ run.uid }}'],
    ['{{ env.TOKEN }}/{{ run.uid }}/{{ artifact.key }}', 'has an unknown variable env.TOKEN; known are '],
  ])('refuses the key template %s', (template, problem) => {
    const [text] = problemsOf({ ...MINIMUM, ...STORE, JANGAR_ARTIFACT_STORE_KEY_TEMPLATE: template });
    expect(text).toContain(`JANGAR_ARTIFACT_STORE_KEY_TEMPLATE ${problem}`);
  });

  it('wants a bucket and a Secret with the endpoint of a store', () => {
    expect(problemsOf({ ...MINIMUM, JANGAR_ARTIFACT_STORE_ENDPOINT: 'https://s3.example.com' })).toEqual([
      'JANGAR_ARTIFACT_STORE_BUCKET is required: Bucket of the artifacts.',
      expect.stringMatching(/^JANGAR_ARTIFACT_STORE_SECRET_NAME is required: /),
    ]);
  });

  it('refuses settings of a store that has no endpoint: they would have no effect', () => {
    expect(problemsOf({ ...MINIMUM, JANGAR_ARTIFACT_STORE_BUCKET: 'artifacts' })).toEqual([
      'JANGAR_ARTIFACT_STORE_BUCKET needs JANGAR_ARTIFACT_STORE_ENDPOINT',
    ]);
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
    ['JANGAR_RUN_RETRY_LIMIT', '21', 'must not be greater than 20'],
    ['JANGAR_RUN_RETRY_LIMIT', '-1', 'must not be less than 0'],
    ['JANGAR_RUN_RETRY_BACKOFF_SECONDS', '0', 'must not be less than 1'],
    ['JANGAR_RUN_RETRY_BACKOFF_SECONDS', '86401', 'must not be greater than 86400'],
    ['JANGAR_RUN_TTL_SECONDS', '-1', 'must not be less than 0'],
    ['JANGAR_RUN_TTL_SECONDS', '315360001', 'must not be greater than 315360000'],
    ['JANGAR_MAX_CONCURRENT_RUNS', '0', 'must not be less than 1'],
    ['JANGAR_MAX_CONCURRENT_RUNS', '10001', 'must not be greater than 10000'],
    ['JANGAR_MAX_CONCURRENT_RUNS_PER_NAMESPACE', '0', 'must not be less than 1'],
    ['JANGAR_MAX_CONCURRENT_RUNS_PER_AGENT', 'all', 'must be an integer number'],
    ['JANGAR_PAUSE_PROBE_SECONDS', '0', 'must not be less than 1'],
    ['JANGAR_PAUSE_PROBE_SECONDS', '1801', 'must not be greater than 1800'],
    ['JANGAR_ARTIFACT_STORE_ENDPOINT', 's3.example.com', PLAIN_URL],
    ['JANGAR_ARTIFACT_STORE_ENDPOINT', 'ftp://s3.example.com', PLAIN_URL],
    ['JANGAR_ARTIFACT_STORE_ENDPOINT', 'https://key:hunter2@s3.example.com', PLAIN_URL],
    ['JANGAR_ARTIFACT_STORE_ENDPOINT', 'https://s3.example.com/?token=hunter2', PLAIN_URL],
    ['JANGAR_ARTIFACT_STORE_BUCKET', 'My/Bucket', 'must be the name of a bucket'],
    ['JANGAR_ARTIFACT_STORE_REGION', 'eu west', 'must be a region'],
    ['JANGAR_ARTIFACT_STORE_PREFIX', '/runs', PREFIX_RULE],
    ['JANGAR_ARTIFACT_STORE_PREFIX', 'runs/', PREFIX_RULE],
    ['JANGAR_ARTIFACT_STORE_PREFIX', 'runs//a', PREFIX_RULE],
    ['JANGAR_ARTIFACT_STORE_PREFIX', 'runs/../other', PREFIX_RULE],
    ['JANGAR_ARTIFACT_STORE_PREFIX', '..', PREFIX_RULE],
    ['JANGAR_ARTIFACT_STORE_SECRET_NAME', 'My_Secret', 'must be the name of a Secret'],
    ['JANGAR_ARTIFACT_STORE_FORCE_PATH_STYLE', 'yes', 'must be a boolean value'],
  ])('rejects %s=%s', (name, value, problem) => {
    const store = name.startsWith('JANGAR_ARTIFACT_STORE_') ? STORE : {};
    expect(problemsOf({ ...MINIMUM, ...store, [name]: value })).toContain(`${name} ${problem}`);
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
    expect(paths).toEqual(leaves(read({ ...MINIMUM, ...STORE }), '').toSorted());
    expect(new Set(CONFIG_VARIABLES.map((variable) => variable.name)).size).toBe(CONFIG_VARIABLES.length);
  });

  it('lets no variable need one that comes after it, is not there or cannot be left out', () => {
    for (const [index, { needs }] of CONFIG_VARIABLES.entries()) {
      if (needs === undefined) continue;
      const found = CONFIG_VARIABLES.findIndex(({ name, optional }) => name === needs && optional !== undefined);
      expect(found).toBeGreaterThanOrEqual(0);
      expect(found).toBeLessThan(index);
    }
  });

  it('uses no name that Kubernetes sets for a Service called jangar', () => {
    for (const { name } of CONFIG_VARIABLES) expect(name).not.toMatch(/^JANGAR_(PORT|SERVICE)(_|$)/);
  });
});
