import { describe, expect, it } from '@jest/globals';
import { anAgent } from '../../../test/support/builders/objects.js';
import type { AllowedRepository } from '../../api/v1alpha1/agent-security.types.js';
import { resolveRepository } from './repository.resolve.js';

const resolve = (url: string, allowedRepositories?: AllowedRepository[]) =>
  resolveRepository(url, anAgent(allowedRepositories && { security: { allowedRepositories } }));
const secretRef = { name: 'repo' };

describe('repositories', () => {
  it('are any, without credentials, when the Agent lists none', () => {
    expect(resolve('https://git.example/a/b.git')).toEqual({ kind: 'allowed' });
  });

  it('are none when the list is empty', () => {
    expect(resolve('https://git.example/a/b.git', [])).toMatchObject({
      kind: 'invalid',
      reason: 'RepositoryNotAllowed',
    });
  });

  it.each([
    ['https://git.example/team', 'https://git.example/team/app.git', true],
    ['https://git.example/team/', 'https://git.example/team/app', true],
    ['https://git.example/team/app', 'https://git.example/team/app.git', true],
    ['https://git.example/team/app', 'https://git.example/team/app', true],
    ['https://git.example/team', 'https://git.example/team-b/app', false],
    ['https://git.example', 'https://git.example/any/app', true],
    ['https://git.example', 'https://git.example.evil/any/app', false],
    ['https://git.example/team', 'https://GIT.example/team/app', true],
    ['https://git.example/team', 'https://git.example:443/team/app', true],
    ['https://git.example/team', 'https://git.example:8443/team/app', false],
    ['https://git.example/team', 'http://git.example/team/app', false],
    ['https://git.example/team', 'https://git.example/team/../other/app', false],
    ['https://git.example/team', 'https://git.example/team/%2e%2e/other/app', false],
    ['https://git.example/team', 'https://git.example/team%2fother', false],
    ['https://git.example/team', 'https://git.example/team/..\\other', false],
    ['https://git.example/team', 'https://git.example//team/app', false],
    ['https://git.example/team', 'https://git.example/team/app?x=1', false],
    ['https://git.example/team', 'https://user:pass@git.example/team/app', false],
    ['git@git.example:team', 'git@git.example:team/app.git', true],
    ['git@git.example:', 'git@git.example:team/app.git', true],
    ['git@git.example:team', 'ssh://git@git.example/team/app.git', true],
    ['ssh://git@git.example/team', 'git@git.example:team/app.git', true],
    ['ssh://git@git.example/team', 'ssh://git@git.example:22/team/app', true],
    ['ssh://git@git.example/team', 'ssh://root@git.example/team/app', false],
    ['git@git.example:team', 'git@git.example:team/../other/app', false],
    ['https://git.example/team', 'file:///etc', false],
  ])('prefix %s and URL %s: %s', (urlPrefix, url, allowed) => {
    expect(resolve(url, [{ urlPrefix }]).kind).toBe(allowed ? 'allowed' : 'invalid');
  });

  it('get the credential of the longest prefix that matches [Agent spec.security.allowedRepositories.{urlPrefix,secretRef.name}]', () => {
    const entries = [
      { urlPrefix: 'https://git.example', secretRef: { name: 'wide' } },
      { urlPrefix: 'https://git.example/team', secretRef },
      { urlPrefix: 'https://git.example/team/public' },
    ];
    expect(resolve('https://git.example/team/app', entries)).toEqual({ kind: 'allowed', gitSecret: 'repo' });
    expect(resolve('https://git.example/x/app', entries)).toEqual({ kind: 'allowed', gitSecret: 'wide' });
    expect(resolve('https://git.example/team/public/app', entries)).toEqual({ kind: 'allowed' });
  });

  it('get the credential of the closest prefix, however long a wider one is written', () => {
    const entries = [
      { urlPrefix: 'https://git.example:443', secretRef: { name: 'wide' } },
      { urlPrefix: 'https://git.example/t', secretRef },
    ];
    expect(resolve('https://git.example/t/app', entries)).toEqual({ kind: 'allowed', gitSecret: 'repo' });
  });

  it('never get a credential over plain http', () => {
    const problem = resolve('http://git.example/app', [{ urlPrefix: 'http://git.example', secretRef }]);
    expect(problem).toMatchObject({ kind: 'invalid' });
    expect('message' in problem && problem.message).toContain('plain http');
  });

  it('that are refused are named with the remedy', () => {
    const problem = resolve('https://other.example/app', [{ urlPrefix: 'https://git.example' }]);
    expect('message' in problem && problem.message).toMatch(
      /"https:\/\/other\.example\/app" matches no urlPrefix .* "coder"/,
    );
  });
});
