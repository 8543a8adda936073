import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedApiServer } from '../support/api-server.js';
import { allPages, ROOT } from '../support/markdown.js';

const server = sharedApiServer();

afterAll(async () => server.stop());

/** What the API server says to objects that it may not know fields of; nothing is stored. */
function tryCreate(text: string): ReturnType<typeof server.kubectl> {
  return server.kubectl(['create', '--dry-run=server', '--validate=strict', '-f', '-'], text);
}

const shown = allPages().flatMap(({ path, blocks }) =>
  blocks
    .filter(({ language, text }) => language === 'yaml' && text.startsWith('apiVersion:'))
    .map(({ text }, index) => ({ title: `${path}, object ${index + 1}`, text })),
);
const examples = globSync('examples/**/*.yaml', { cwd: ROOT }).toSorted();

describe('objects in the documentation', () => {
  it('are there', () => {
    expect(shown.length).toBeGreaterThan(8);
    expect(examples.length).toBeGreaterThan(8);
  });

  it.each(shown)('are taken by the API server, with no field it does not know: $title', async ({ text }) => {
    expect(await tryCreate(text)).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(examples)('are taken from a file as well: %s', async (path) => {
    expect(await tryCreate(readFileSync(join(ROOT, path), 'utf8'))).toMatchObject({ code: 0, stderr: '' });
  });
});
