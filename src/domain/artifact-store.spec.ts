import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ArtifactStore, isArtifactKey, keyPrefixOf, keyTemplateProblem, objectUrl } from './artifact-store.js';

const STORE: ArtifactStore = {
  endpoint: 'https://s3.example.com',
  bucket: 'runs',
  region: 'us-east-1',
  prefix: 'jangar',
  keyTemplate: '{{ run.namespace }}/{{ run.name }}/{{ run.uid }}/{{ attempt }}/{{ artifact.key }}',
  secretName: 'artifact-store',
  forcePathStyle: true,
};
const VARIABLES = {
  'run.namespace': 'team-a',
  'run.name': 'fix-login',
  'run.uid': 'uid-1',
  'agent.name': 'coder',
  'provider.name': 'shell',
  attempt: '2',
};

describe('a key template', () => {
  it.each<[string, string | undefined]>([
    [STORE.keyTemplate, undefined],
    ['{{agent.name}}-{{provider.name}}/{{run.uid}}/{{artifact.key}}', undefined],
    ['{{ run.uid }}/{{ artifact.key }}.bak', 'must end with /{{ artifact.key }}'],
    ['{{ run.uid }}-{{ artifact.key }}', 'must end with /{{ artifact.key }}'],
    ['{{ run.name }}/{{ artifact.key }}', 'must hold {{ run.uid }}'],
    [
      '{{ env.TOKEN }}/{{ run.uid }}/{{ artifact.key }}',
      'has an unknown variable env.TOKEN; known are run.namespace, ',
    ],
    ['{{ run.uid }}/../{{ artifact.key }}', 'must be segments of letters'],
    ['/{{ run.uid }}/{{ artifact.key }}', 'must be segments of letters'],
    ['{{ run.uid | upcase }}/{{ run.uid }}/{{ artifact.key }}', 'must be segments of letters'],
    ['a b/{{ run.uid }}/{{ artifact.key }}', 'must be segments of letters'],
  ])('%s has the problem %s', (template, problem) => {
    if (problem === undefined) expect(keyTemplateProblem(template)).toBeUndefined();
    else expect(keyTemplateProblem(template)).toContain(problem);
  });

  it('is filled in after the prefix, for one attempt', () => {
    expect(keyPrefixOf(STORE, VARIABLES)).toBe('jangar/team-a/fix-login/uid-1/2/');
    expect(keyPrefixOf({ ...STORE, prefix: '' }, VARIABLES)).toBe('team-a/fix-login/uid-1/2/');
  });
});

describe("an object's URL", () => {
  it.each([
    ['in the path', {}, 'https://s3.example.com/runs/a/b%20c%23.md'],
    ['in the host name', { forcePathStyle: false }, 'https://runs.s3.example.com/a/b%20c%23.md'],
    ['below a path', { endpoint: 'http://store:9000/s3/' }, 'http://store:9000/s3/runs/a/b%20c%23.md'],
  ])('has the bucket %s', (_, changes, expected) => {
    expect(objectUrl({ ...STORE, ...changes }, 'a/b c#.md')).toBe(expected);
  });
});

describe("an artifact's key", () => {
  it.each([
    ['report.md', true],
    ['unit tests/ünï.xml', true],
    ['', false],
    ['/etc/passwd', false],
    ['a//b', false],
    ['a/../../b', false],
    ['./a', false],
    ['a/', false],
    ['a\u001b[2J', false],
    ['\ud800', false],
  ])('%j is accepted: %s', (key, accepted) => {
    expect(isArtifactKey(key)).toBe(accepted);
  });

  it('has at most the bytes that S3 takes', () => {
    expect([isArtifactKey('é'.repeat(512)), isArtifactKey(`${'é'.repeat(512)}x`)]).toEqual([true, false]);
  });

  it('never leads out of the prefix of its attempt, whatever it holds', () => {
    const prefix = objectUrl(STORE, keyPrefixOf(STORE, VARIABLES));
    const part = fc.oneof(
      fc.constantFrom('..', '.', '/', '%2e', '\\', '?', '#', ':'),
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const key = parts.join('');
        fc.pre(isArtifactKey(key));
        expect(new URL(objectUrl(STORE, keyPrefixOf(STORE, VARIABLES) + key)).href.startsWith(prefix)).toBe(true);
      }),
    );
  });
});
