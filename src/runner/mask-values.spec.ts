import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectMasks } from './mask-values.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mask-values-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('collectMasks', () => {
  it('takes values of eight characters and longer', async () => {
    expect(await collectMasks({ A: '12345678', B: '1234567', C: undefined }, ['A', 'B', 'C', 'D'], [])).toEqual([
      '12345678',
    ]);
  });

  it('reads a Secret volume as the kubelet lays it, each file once', async () => {
    await mkdir(join(directory, 's/..2026'), { recursive: true });
    await writeFile(join(directory, 's/..2026/token'), 'from the file\n');
    await symlink('..2026', join(directory, 's/..data'));
    await symlink('..data/token', join(directory, 's/token'));
    expect(await collectMasks({}, [], [directory])).toEqual(['from the file']);
  });

  it('masks a text of several lines also line by line', async () => {
    const key = '-----BEGIN-----\n  abcdefgh\nshort\n-----END-----\n';
    expect(await collectMasks({ KEY: key }, ['KEY'], [])).toEqual([
      key.trim(),
      '-----BEGIN-----',
      'abcdefgh',
      '-----END-----',
    ]);
  });

  it('fails when a directory cannot be read', async () => {
    await expect(collectMasks({}, [], [join(directory, 'none')])).rejects.toThrow(
      'cannot read the values to mask: ENOENT',
    );
  });
});
