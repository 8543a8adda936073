import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogFile } from './log-file.js';

let directory: string;
let ends: string[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'log-file-'));
  ends = [];
});
afterEach(() => rm(directory, { recursive: true }));

const create = (limit?: number): Promise<LogFile> =>
  LogFile.create(join(directory, 'log'), (why) => ends.push(why), limit);
const content = (): Promise<string> => readFile(join(directory, 'log'), 'utf8');

describe('LogFile', () => {
  it('keeps the order of writes that are not waited for', async () => {
    const log = await create();
    await Promise.all(Array.from({ length: 100 }, (_, index) => log.write(Buffer.from(`${index},`))));
    await log.close();
    expect(await content()).toBe(Array.from({ length: 100 }, (_, index) => `${index},`).join(''));
  });

  it('stops at its limit and says so once', async () => {
    const log = await create(10);
    for (const text of ['123456', '7890ab', 'cd']) await log.write(Buffer.from(text));
    await log.close();
    expect(await content()).toBe('1234567890');
    expect(ends).toEqual(['it has reached 10 bytes']);
  });

  it('is not ended by output of exactly its limit', async () => {
    const log = await create(4);
    await log.write(Buffer.from('1234'));
    await log.close();
    expect(ends).toEqual([]);
  });

  it('puts a line of its own on a new line', async () => {
    const log = await create();
    await log.write(Buffer.from('unfinished'));
    await log.writeLine('one');
    await log.writeLine('two');
    await log.close();
    expect(await content()).toBe('unfinished\none\ntwo\n');
  });

  it('goes on in silence when the disk is full', async () => {
    const log = await LogFile.create('/dev/full', (why) => ends.push(why));
    await log.write(Buffer.from('a'));
    await log.write(Buffer.from('b'));
    await log.close();
    expect(ends).toEqual(['ENOSPC: no space left on device, write']);
  });

  it('does not follow a symlink', async () => {
    await symlink('/dev/null', join(directory, 'log'));
    await expect(create()).rejects.toThrow('ELOOP');
  });
});
