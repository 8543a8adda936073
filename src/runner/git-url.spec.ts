import { describe, expect, it } from '@jest/globals';
import { parseRemote } from './git-url.js';

describe('parseRemote', () => {
  it.each([
    ['https://example.org/a.git', 'https', 'https://example.org'],
    ['https://example.org:8443/a', 'https', 'https://example.org:8443'],
    ['http://git.svc:8080/a', 'http', 'http://git.svc:8080'],
    ['ssh://git@example.org:22/a.git', 'ssh', 'ssh://git@example.org:22'],
    ['git@example.org:group/a.git', 'ssh', ''],
    ['example.org:a', 'ssh', ''],
  ])('admits %s', (url, transport, origin) => {
    const remote = parseRemote(url);
    expect(remote).toMatchObject({ url, transport });
    if (transport !== 'ssh') expect(remote.origin).toBe(origin);
  });

  it.each([
    'git://example.org/a',
    'file:///etc',
    '/srv/a.git',
    '../a.git',
    'ext::sh -c id',
    'ext::id',
    'fd::3',
    '--upload-pack=id',
    '-oProxyCommand=id:x',
    'ssh://-oProxyCommand=id/x',
    'ftp://example.org/a',
    'https://',
    '',
  ])('refuses %s', (url) => {
    expect(() => parseRemote(url)).toThrow('execution.coordinates.git.url must');
  });

  it.each([
    'https://user:pass@example.org/a',
    'https://token@example.org/a',
    'http://user:pass@example.org/a',
    'ssh://git:pass@example.org/a',
  ])('refuses credentials in %s and does not repeat them', (url) => {
    expect(() => parseRemote(url)).toThrow(
      /^execution\.coordinates\.git\.url must not hold credentials: they belong to the Agent's [\w.]+$/,
    );
  });
});
