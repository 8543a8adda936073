import type { AgentRun } from '../../src/api/v1alpha1/agent-run.types.js';
import { anAgent, type Applied, aProvider, aRun } from '../support/run-objects.js';
import { RunScene } from '../support/run-scene.js';
import { ARTIFACT_STORE, serveS3, STORE_SECRETS, storedKeys, storedSum } from '../support/s3-peer.js';

const MINUTES = 60_000;

let scene: RunScene;

/** All of it is applied at once, and each test waits for its own run. */
const given: Applied[] = [
  aProvider('maker', {
    outputArtifacts: [
      { name: 'report', path: 'report.md', key: 'docs/report.md', required: true },
      { name: 'results', path: 'out/**/*.json' },
    ],
    failureRules: [{ class: 'QuotaExhausted', exitCodes: [9], outputPattern: 'no credits left' }],
  }),
  anAgent('worker', { providerRef: { name: 'maker' } }),
];

beforeAll(async () => {
  scene = await RunScene.create('store', { artifactStore: ARTIFACT_STORE });
  await serveS3(scene.installation);
  await scene.applyInOrder(given);
}, 4 * MINUTES);

afterAll(() => scene.delete(), 3 * MINUTES);

const prefixOf = ({ metadata: { namespace, name, uid } }: AgentRun): string => `jangar/${namespace}/${name}/${uid}/1/`;

describe('a run with a store of artifacts', () => {
  given.push(
    aRun(
      'stores',
      `mkdir -p out/unit; seq 1000 >report.md; echo 1 >out/a.json; echo 2 >out/unit/b.json
       for dir in /proc/[0-9]*; do tr '\\0' '\\n' <$dir/environ || true; done 2>/dev/null | grep -c AGENT_STORE || true
       ls -ln /run/agent-run-store; touch /run/agent-run-store/x 2>&1 || true`,
    ),
  );
  let run: AgentRun;

  beforeAll(async () => {
    run = await scene.finished('stores');
  }, 2 * MINUTES);

  it('says of each artifact under which key and URL it is stored, and those bytes are there [AgentRun status.artifacts.{key,url}]', async () => {
    const prefix = prefixOf(run);
    expect(run.status?.phase).toBe('Succeeded');
    expect(run.status?.artifacts?.map(({ name, key, url }) => ({ name, key, url }))).toEqual(
      [
        ['report', 'docs/report.md'],
        ['results/a.json', 'results/a.json'],
        ['results/unit/b.json', 'results/unit/b.json'],
      ].map(([name, key]) => ({ name, key: `${prefix}${key}`, url: `http://s3-peer:7070/artifacts/${prefix}${key}` })),
    );
    for (const { key = '', sha256 } of run.status?.artifacts ?? []) {
      expect(await storedSum(scene.installation, key)).toBe(sha256);
    }
    expect(await storedKeys(scene.installation, prefix)).toEqual(run.status?.artifacts?.map(({ key }) => key));
  });

  it('keeps the credentials from the agent, and from everything that is written down', async () => {
    const { namespace = '' } = run.metadata;
    const log = await scene.log(run);
    expect(log).toMatch(/^0$/m);
    expect(log).toContain('Read-only file system');
    const written = [
      log,
      await scene.log(run, 'artifact-store'),
      await scene.installation.kubectl([
        'get',
        'jobs,pods,configmaps,agentruns,events',
        '-o',
        'yaml',
        '-l',
        'app!=s3-peer',
      ]),
    ].join('\n');
    expect(written).toContain(namespace);
    for (const secret of STORE_SECRETS) expect(written).not.toContain(secret);
  });
});

describe('a run that is cancelled', () => {
  const name = 'cancelled';
  given.push(aRun(name, `trap 'echo half >report.md; exit 0' TERM; echo ready; while :; do sleep 0.1; done`));

  it(
    'stores what its agent has made by then',
    async () => {
      const { ended } = await scene.follow(await scene.became(name, 'InProgress', 'Running'));
      await scene.installation.kubectl([
        'patch',
        'agentrun',
        name,
        '--type=merge',
        '--patch',
        '{"spec":{"cancel":true}}',
      ]);
      await ended;
      const run = await scene.finished(name);
      expect(run.status).toMatchObject({ phase: 'Cancelled', artifacts: [{ name: 'report' }] });
      expect(await storedKeys(scene.installation, prefixOf(run))).toEqual([`${prefixOf(run)}docs/report.md`]);
    },
    2 * MINUTES,
  );
});

describe('a run whose agent fails', () => {
  given.push(aRun('fails', 'echo partial >report.md; echo no credits left; exit 9'));

  it(
    'has the class that a failure rule gives it, and its artifacts are stored all the same',
    async () => {
      const run = await scene.finished('fails');
      expect(run.status).toMatchObject({ phase: 'Failed', failureClass: 'QuotaExhausted' });
      expect(run.status?.artifacts).toMatchObject([{ name: 'report', key: `${prefixOf(run)}docs/report.md` }]);
    },
    2 * MINUTES,
  );
});
