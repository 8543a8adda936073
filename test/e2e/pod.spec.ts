import { anAgent, aConfigMap, aProvider, aRun, aSecret, REPOSITORY_URL } from '../support/run-objects.js';
import { NodeVolume } from '../support/node-volume.js';
import { RunScene } from '../support/run-scene.js';

const MINUTES = 60_000;
const TOKEN = 'v0lume-t0ken-51';

let scene: RunScene;
let volume: NodeVolume;

beforeAll(async () => {
  scene = await RunScene.create('pod');
  volume = await NodeVolume.create(scene.installation, 'data');
}, 4 * MINUTES);

afterAll(async () => {
  await scene.delete();
  await volume.delete();
}, 3 * MINUTES);

it('an agent finds the volumes and the workspace where its run wants them, under a uid that no image knows', async () => {
  const write = (path: string): string => `touch ${path} 2>&1 || true`;
  await scene.applyInOrder([
    aProvider('shell'),
    aSecret('files', { token: TOKEN }),
    aConfigMap('settings', { mode: 'careful' }),
    anAgent('mounting', {
      pod: { runAsUser: 12_345, fsGroup: 23_456, terminationGracePeriodSeconds: 8 },
      security: { allowedVolumeClaims: ['data'], allowedSecrets: ['files'] },
    }),
    aRun(
      'mounts',
      `pwd; stat --file-system --format=%T /scratch; touch /scratch/a && echo written
       ${write('/data/a')}; wc --bytes </files/token; cat /files/token; echo
       ${write('/files/a')}; cat /settings/mode; echo; ${write('/settings/a')}`,
      {
        agentRef: { name: 'mounting' },
        execution: { coordinates: { git: { url: REPOSITORY_URL }, workspace: { mountPath: '/src' } } },
        workload: {
          volumes: [
            { name: 'scratch', mountPath: '/scratch', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
            { name: 'data', mountPath: '/data', readOnly: true, persistentVolumeClaim: { claimName: 'data' } },
            { name: 'files', mountPath: '/files', secret: { secretName: 'files' } },
            { name: 'settings', mountPath: '/settings', configMap: { name: 'settings' } },
          ],
        },
      },
    ),
  ]);
  const run = await scene.finished('mounts');
  expect(run.status?.phase).toBe('Succeeded');
  const refused = (path: string): string => `touch: cannot touch '${path}': Read-only file system`;
  expect((await scene.log(run)).trimEnd().split('\n')).toEqual([
    '/src/repository',
    'tmpfs',
    'written',
    refused('/data/a'),
    String(TOKEN.length),
    '***',
    refused('/files/a'),
    'careful',
    refused('/settings/a'),
  ]);
}, 90_000);

it('runs whose Jobs a quota refuses are Blocked without a slot, and go on once it does not', async () => {
  const { installation } = scene;
  const names = ['one', 'other'];
  await scene.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'no-jobs' },
    spec: { hard: { 'count/jobs.batch': '0' } },
  });
  // Until its status says what is used, the API server refuses with other words.
  await installation.kubectl(['wait', '--for=jsonpath={.status.hard}', 'resourcequota/no-jobs', '--timeout=60s']);
  await scene.applyInOrder([
    anAgent('single', { limits: { maxConcurrentRuns: 1 } }),
    ...names.map((name) => aRun(name, 'true', { agentRef: { name: 'single' } })),
  ]);
  for (const name of names) {
    const run = await scene.became(name, 'Blocked', 'QuotaExceeded');
    expect(run.status).toMatchObject({ phase: 'Pending', reason: 'QuotaExceeded' });
    expect(run.status?.message).toBe(
      'ResourceQuota "no-jobs" is used up for count/jobs.batch; raise it or make room, the run then goes on',
    );
    expect(scene.made(run)).toEqual([]);
  }
  await installation.kubectl(['delete', 'resourcequota', 'no-jobs']);
  // It would look again within a minute.
  await installation.kubectl(['annotate', 'agentruns', ...names, 'agents.proompteng.ai/reconcile-requested=now']);
  for (const name of names) expect((await scene.finished(name)).status?.phase).toBe('Succeeded');
}, 90_000);

it('no version of any run breaks an invariant or holds a credential', () => {
  expect(() => scene.checkInvariants([TOKEN])).not.toThrow();
});
