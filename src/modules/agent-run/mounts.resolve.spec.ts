import { describe, expect, it } from '@jest/globals';
import { aRun } from '../../../test/support/builders/objects.js';
import type { AgentRunSpec } from '../../api/v1alpha1/agent-run.types.js';
import { RUNNER_PATHS } from '../../domain/runner-contract.js';
import { mountProblem } from './mounts.resolve.js';

const git = { url: 'https://git.example/team/app.git' };
const volumes = (...paths: string[]): Partial<AgentRunSpec> => ({
  workload: { volumes: paths.map((mountPath, index) => ({ name: `v${index}`, mountPath, emptyDir: {} })) },
});
const files = (mountPath: string): Partial<AgentRunSpec> => ({ secrets: [{ name: 's', mountPath }] });
const workspace = (mountPath: string): Partial<AgentRunSpec> => ({
  execution: { coordinates: { git, workspace: { mountPath } } },
});
const WAYS: [field: string, at: (path: string) => Partial<AgentRunSpec>][] = [
  ['spec.workload.volumes[0].mountPath', (path) => volumes(path)],
  ['spec.secrets[0].mountPath', files],
  ['spec.execution.coordinates.workspace.mountPath', workspace],
];

describe.each(WAYS)('%s', (field, at) => {
  it.each([
    '/etc',
    '/etc/agent-run',
    '/etc/agent-run/deeper',
    '/etc/agent-run-git',
    '/etc/agent-run-secrets/0',
    '/etc/passwd',
    '/usr',
    '/usr/local/bin',
    '/usr/local/bin/agent-runner',
    '/usr/lib/x86_64-linux-gnu',
    '/lib',
    '/bin',
    '/run/agent-runner',
    '/var/run/agent-runner',
    '/run/agent-run-store',
    '/var/run/agent-run-store',
    '/var/run',
    '/run',
    '/proc',
    '/sys/fs',
    '/dev/shm',
    '/home',
    '/home/agent',
    '/tmp',
    '/etc//agent-run',
    '//etc/agent-run',
    '/data/../etc/agent-run',
    '/etc/./agent-run',
    '/etc/agent-run/',
  ])('cannot be %s', (path) => {
    const problem = mountProblem(aRun(at(path)));
    expect(problem).toMatchObject({ kind: 'invalid', reason: 'MountNotAllowed' });
    expect(problem?.message).toContain(`${field}: "${path}" `);
  });

  it.each([
    '/data',
    '/etc/agent-runs',
    '/etc/tls',
    '/etc/passwd.d',
    '/run/secrets/x',
    '/home/agent/.ssh',
    '/tmp/cache',
    '/opt/..data',
  ])('may be %s', (path) => {
    expect(mountProblem(aRun(at(path)))).toBeUndefined();
  });
});

describe('the mounts of a run', () => {
  it.each<[string, Partial<AgentRunSpec>, message: string]>([
    [
      'cannot share a path',
      volumes('/data', '/data'),
      'volumes[1].mountPath: "/data" covers or lies below the mount of',
    ],
    ['cannot lie in each other', volumes('/data', '/data/x'), 'volumes[1].mountPath: "/data/x"'],
    ['cannot lie around each other', volumes('/data/x', '/data'), 'volumes[1].mountPath: "/data"'],
    ['cannot lie in the workspace', volumes('/workspace/repository/node_modules'), 'the mount of the workspace'],
    [
      'cannot lie in a workspace elsewhere',
      { ...workspace('/src'), ...volumes('/src/x') },
      'the mount of spec.execution.coordinates.workspace.mountPath',
    ],
    [
      'cannot be a volume and files of a Secret',
      { ...volumes('/keys'), ...files('/keys') },
      'spec.secrets[0].mountPath: "/keys" covers or lies below the mount of spec.workload.volumes[0].mountPath',
    ],
  ])('%s', (_name, spec, message) => {
    expect(mountProblem(aRun(spec))?.message).toContain(message);
  });

  it('may lie beside each other', () => {
    const run = aRun({ ...workspace('/src'), ...volumes('/data', '/data-2', '/workspace'), ...files('/keys') });
    expect(mountProblem(run)).toBeUndefined();
  });

  it('leave every absolute path of the runner alone but the default of the workspace', () => {
    const own = Object.values(RUNNER_PATHS).filter((path) => path.startsWith('/') && path !== RUNNER_PATHS.workspace);
    expect(own.length).toBeGreaterThan(5);
    expect(own.filter((path) => mountProblem(aRun(volumes(path))) === undefined)).toEqual([]);
  });
});
