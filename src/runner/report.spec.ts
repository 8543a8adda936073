import { describe, expect, it } from '@jest/globals';
import type { AgentExit } from './agent-process.js';
import type { Artifacts, MissingArtifact } from './artifacts.js';
import { reportOf, spawnFailure } from './report.js';

const timeout = { failure: 'Timeout' } as const;
const term = { failure: 'Terminated', signal: 'SIGTERM' } as const;
const none = { collected: [], missing: [] };
const lost = { collected: [], missing: [{ name: 'a', path: 'a.md', required: true, why: 'was not found' }] };
const optional = { collected: [], missing: [{ name: 'a', path: 'a.md', required: false, why: 'was not found' }] };
const unread: MissingArtifact = { name: 'b', path: 'b.md', required: true, why: 'was not read', stoppedBy: 'SIGTERM' };
const cut = { collected: [], missing: [unread] };
const cutAndLost = { collected: [], missing: [...lost.missing, unread] };
const cutOptional = { collected: [], missing: [{ ...unread, required: false }] };

describe('reportOf', () => {
  it.each<[string, AgentExit, Artifacts, number, string | undefined]>([
    ['success', { code: 0, signal: null }, none, 0, undefined],
    ['success without an optional artifact', { code: 0, signal: null }, optional, 0, undefined],
    ['success without a required artifact', { code: 0, signal: null }, lost, 125, 'ArtifactMissing'],
    ['success, then TERM before a required artifact was read', { code: 0, signal: null }, cut, 143, 'Terminated'],
    [
      'success, then TERM after a required one was not found',
      { code: 0, signal: null },
      cutAndLost,
      125,
      'ArtifactMissing',
    ],
    ['success, then TERM before an optional artifact was read', { code: 0, signal: null }, cutOptional, 0, undefined],
    ["the agent's own 1, then TERM", { code: 1, signal: null }, cut, 1, undefined],
    ["the agent's own 1", { code: 1, signal: null }, lost, 1, undefined],
    ["the agent's own 124", { code: 124, signal: null }, none, 124, undefined],
    ['SIGKILL from elsewhere', { code: null, signal: 'SIGKILL' }, lost, 137, undefined],
    ['SIGSEGV', { code: null, signal: 'SIGSEGV' }, none, 139, undefined],
    ['deadline, then exit 0', { code: 0, signal: null, stopped: timeout }, none, 124, 'Timeout'],
    ['deadline, then KILL', { code: null, signal: 'SIGKILL', stopped: timeout }, lost, 124, 'Timeout'],
    ['TERM, then exit 0', { code: 0, signal: null, stopped: term }, none, 143, 'Terminated'],
    ['TERM, then exit 3', { code: 3, signal: null, stopped: term }, none, 3, 'Terminated'],
    ['TERM, killed by it', { code: null, signal: 'SIGTERM', stopped: term }, none, 143, 'Terminated'],
    ['TERM, then KILL', { code: null, signal: 'SIGKILL', stopped: term }, none, 137, 'Terminated'],
    ['INT, then exit 0', { code: 0, signal: null, stopped: { ...term, signal: 'SIGINT' } }, none, 130, 'Terminated'],
  ])('%s', (_, exit, artifacts, exitCode, failure) => {
    const report = reportOf({ exit, artifacts, timeoutSeconds: 5, status: {} });
    expect({ exitCode: report.exitCode, failure: report.failure }).toEqual({ exitCode, failure });
  });

  it("puts the agent's own words after the runner's", () => {
    const report = reportOf({
      exit: { code: 2, signal: null },
      artifacts: none,
      timeoutSeconds: 5,
      status: { message: 'no key' },
    });
    expect(report.message).toBe('the agent exited with 2: no key');
  });
});

describe('spawnFailure', () => {
  it.each([
    ['ENOENT', 'NotFound', 127],
    ['EACCES', 'NotExecutable', 126],
    ['ENOEXEC', 'NotExecutable', 126],
    ['E2BIG', 'NotExecutable', 126],
  ])('%s is %s with exit code %i', (code, failure, exitCode) => {
    const spawnError = Object.assign(new Error('spawn'), { code });
    expect(spawnFailure({ spawnError }, 'agent')).toMatchObject({ failure, exitCode });
  });
});
