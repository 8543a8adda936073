import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../test/support/eventually.js';
import { RunnerSandbox } from '../../test/support/runner-sandbox.js';
import { collectArtifacts, type Artifacts } from './artifacts.js';
import { CollectionStopped } from './collection-stopped.js';

let sandbox: RunnerSandbox;
beforeAll(async () => {
  sandbox = await RunnerSandbox.create();
});
afterAll(() => sandbox.remove());
beforeEach(() => sandbox.reset());

const logFile = (): Promise<string> => readFile(join(sandbox.root, '.agent-run/agent.log'), 'utf8');

describe('artifacts', () => {
  it('are reported and printed with size and hash [AgentProvider spec.outputArtifacts.{name,path,key}]', async () => {
    const outputArtifacts = [{ name: 'report', path: 'out/report.md', key: 'reports/1' }];
    const end = await sandbox.run(
      sandbox.spec({ script: 'mkdir out; printf "done ✨" > out/report.md', outputArtifacts }),
    );
    const sha256 = createHash('sha256').update('done ✨').digest('hex');
    expect(end.report.artifacts).toEqual([
      { name: 'report', path: 'out/report.md', key: 'reports/1', sizeBytes: 8, sha256 },
    ]);
    const line = `agent-runner: artifact name=report path=out/report.md size=8 sha256=${sha256}\n`;
    expect(end.stderr).toBe(line);
    expect(await logFile()).toBe(line);
  });

  it('that are required and missing end a run of exit code 0 with 125 [AgentProvider spec.outputArtifacts.required]', async () => {
    const outputArtifacts = [{ name: 'patch', path: 'fix.patch', required: true }];
    const end = await sandbox.run(sandbox.spec({ outputArtifacts }));
    expect(end.code).toBe(125);
    expect(end.report).toMatchObject({
      failure: 'ArtifactMissing',
      message: 'required artifact "patch" (fix.patch) was not found',
    });
  });

  it("that are missing never hide the agent's own failure", async () => {
    const outputArtifacts = [{ name: 'patch', path: 'fix.patch', required: true }];
    const end = await sandbox.run(sandbox.spec({ script: 'exit 4', outputArtifacts }));
    expect(end).toMatchObject({ code: 4, report: { exitCode: 4 } });
    expect(end.report.failure).toBeUndefined();
  });

  it('that are optional and missing are a line in the log', async () => {
    const end = await sandbox.run(sandbox.spec({ outputArtifacts: [{ name: 'notes', path: 'no tes.md' }] }));
    expect(end.code).toBe(0);
    expect(end.stderr).toBe('agent-runner: artifact name=notes path="no tes.md" was not found\n');
  });

  it.each([
    ['a symlink out of the working directory', 'ln -s /etc/hostname it', 'leads out of the working directory'],
    ['a symlinked directory on the way out', 'ln -s /etc it', 'leads out of the working directory'],
    ['a file of git', 'mkdir .git; touch .git/config; ln -s .git/config it', 'leads into .git'],
    ['a directory', 'mkdir it', 'is a directory'],
    ['a pipe', 'mkfifo it', 'is not a regular file'],
    ['a symlink to nothing', 'ln -s gone it', 'was not found'],
    ['a symlink to itself', 'ln -s it it', 'cannot be read (ELOOP)'],
  ])('never are %s', async (_, script, why) => {
    const outputArtifacts = [{ name: 'it', path: 'it', required: true }];
    const end = await sandbox.run(sandbox.spec({ script, outputArtifacts }));
    expect(end.code).toBe(125);
    expect(end.report.message).toContain(why);
    expect(end.report.artifacts).toEqual([]);
  });

  it.each([
    ['no file matches', 'true', 'out/*.xml', 'matches no file'],
    [
      'a match is a link out of the working directory',
      'mkdir out; ln -s /etc/hostname out/a.xml',
      'out/*.xml',
      'leads out of',
    ],
    [
      'a name would move the cursor of a terminal',
      'mkdir out; touch "out/$(printf "a\\033[2J").xml"',
      'out/*',
      'control characters',
    ],
    ['there are more than a run has', 'mkdir out; cd out; touch $(seq 51)', 'out/*', 'a run has at most 50 artifacts'],
  ])('of a required path with wildcards are missing when %s', async (_, script, path, why) => {
    const end = await sandbox.run(sandbox.spec({ script, outputArtifacts: [{ name: 'all', path, required: true }] }));
    expect(end).toMatchObject({ code: 125, report: { failure: 'ArtifactMissing' } });
    expect(end.report.message).toContain(why);
  });

  it('of a path with wildcards are called after it, each with its own key', async () => {
    const outputArtifacts = [{ name: 'all', path: 'out/**/*.{xml,txt}', key: 'results' }];
    const script = 'mkdir -p out/deep; echo 1 > out/deep/a.xml; echo 2 > out/b.txt; echo 3 > out/c.bin';
    const end = await sandbox.run(sandbox.spec({ script, outputArtifacts }));
    expect(end.report.artifacts).toMatchObject([
      { name: 'all/b.txt', path: 'out/b.txt', key: 'results/b.txt' },
      { name: 'all/deep/a.xml', path: 'out/deep/a.xml', key: 'results/deep/a.xml' },
    ]);
  });

  it('whose name has a wildcard are named with a backslash', async () => {
    const end = await sandbox.run(
      sandbox.spec({ script: "touch 'a[1].md' a1.md", outputArtifacts: [{ name: 'a', path: 'a\\[1\\].md' }] }),
    );
    expect(end.report.artifacts.map(({ path }) => path)).toEqual(['a[1].md']);
  });

  it('larger than the bound are refused without reading them', async () => {
    await writeFile(join(sandbox.repository, 'huge'), '');
    await truncate(join(sandbox.repository, 'huge'), 6 * 2 ** 30);
    const end = await sandbox.run(sandbox.spec({ outputArtifacts: [{ name: 'huge', path: 'huge', required: true }] }));
    expect(end.report.message).toContain('is larger than 5368709120 bytes');
  });

  it('are still collected from an agent that was stopped', async () => {
    const outputArtifacts = [{ name: 'patch', path: 'fix.patch', required: true }];
    const script = 'trap "printf half > fix.patch; exit 0" TERM; echo ready; while :; do sleep 0.01; done';
    const runner = await sandbox.start(sandbox.spec({ script, outputArtifacts }));
    await runner.printed('ready');
    runner.process.kill('SIGTERM');
    expect(await runner.end()).toMatchObject({
      code: 143,
      report: { failure: 'Terminated', artifacts: [{ name: 'patch', sizeBytes: 4 }] },
    });
  });

  it('are no longer read once SIGTERM has come, and the report says so', async () => {
    for (const name of ['first', 'second']) {
      await sandbox.file(`workspace/repository/${name}`, '');
      await truncate(join(sandbox.repository, name), 5 * 2 ** 30);
    }
    const outputArtifacts = ['first', 'second'].map((name) => ({ name, path: name, required: true }));
    const runner = await sandbox.start(sandbox.spec({ outputArtifacts, gracePeriodSeconds: 0 }));
    await eventually(async () => {
      expect(await readFile(join(sandbox.directory, 'termination-log'), 'utf8')).toContain('"exitCode":0');
    });
    runner.process.kill('SIGTERM');
    const end = await runner.end();
    expect(end).toMatchObject({ code: 143, report: { failure: 'Terminated', exitCode: 143, artifacts: [] } });
    expect(end.report.message).toContain(
      'required artifact "second" (second) was not read: SIGTERM stopped the runner',
    );
  });
});

describe('collectArtifacts', () => {
  const collect = (limit: AbortSignal): Promise<Artifacts> =>
    collectArtifacts(
      sandbox.repository,
      ['a', 'b', 'c', 'd'].map((name) => ({ name, path: name })),
      limit,
      { each: 6, total: 10 },
    );

  beforeEach(async () => {
    for (const [name, size] of Object.entries({ a: 6, b: 5, c: 4, d: 7 })) {
      await writeFile(join(sandbox.repository, name), 'x'.repeat(size));
    }
  });

  it('reads no more than the bound of all, and goes on with what still fits', async () => {
    const { collected, missing } = await collect(new AbortController().signal);
    expect(collected.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(missing.map(({ name, why }) => `${name} ${why}`)).toEqual([
      'b was not read: all artifacts together are larger than 10 bytes',
      'd is larger than 6 bytes',
    ]);
  });

  it.each([
    [new CollectionStopped('was not read within 2 s'), {}],
    [new CollectionStopped('was not read', 'SIGTERM'), { stoppedBy: 'SIGTERM' }],
  ])('says of everything that is left why it was not read (%s)', async (stopped, signal) => {
    const { collected, missing } = await collect(AbortSignal.abort(stopped));
    expect(collected).toEqual([]);
    const left = ['a', 'b', 'c', 'd'].map((name) => ({
      name,
      path: name,
      required: false,
      why: stopped.message,
      ...signal,
    }));
    expect(missing).toEqual(left);
  });
});
