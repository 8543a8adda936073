import { setTimeout as yieldTo } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { imageMatches, normaliseImage } from './image.resolve.js';

describe('the full reference of an image', () => {
  it.each([
    ['python', 'docker.io/library/python:latest'],
    ['python:3.12', 'docker.io/library/python:3.12'],
    ['team/agent', 'docker.io/team/agent:latest'],
    ['ghcr.io/team/agent', 'ghcr.io/team/agent:latest'],
    ['localhost/agent:1', 'localhost/agent:1'],
    ['registry:5000/agent', 'registry:5000/agent:latest'],
    ['ghcr.io/team/agent@sha256:abc', 'ghcr.io/team/agent@sha256:abc'],
    ['EVIL/agent:1', 'EVIL/agent:1'],
    ['docker.io/python', 'docker.io/library/python:latest'],
    ['docker.io/team/agent:1', 'docker.io/team/agent:1'],
    ['index.docker.io/python:3', 'docker.io/library/python:3'],
    ['index.docker.io/team/agent:1', 'docker.io/team/agent:1'],
    ['python@sha256:abc', 'docker.io/library/python@sha256:abc'],
  ])('of %s is %s', (image, full) => {
    expect(normaliseImage(image)).toBe(full);
  });
});

describe('a pattern', () => {
  it.each([
    ['ghcr.io/team/*', 'ghcr.io/team/agent:1', true],
    ['ghcr.io/team/*', 'ghcr.io/team-b/agent:1', false],
    ['ghcr.io/team/*', 'evil.example/ghcr.io/team/agent:1', false],
    ['ghcr.io/team/*', 'ghcr.io/team', false],
    ['docker.io/library/python:*', 'python', true],
    ['docker.io/library/python:*', 'python:3', true],
    ['docker.io/library/python:*', 'evil/python:3', false],
    ['ghcr.io/team/agent:1.*', 'ghcr.io/team/agent:12', false],
    ['ghcr.io/team/agent:1', 'ghcr.io/team/agent:1', true],
    ['ghcr.io/team/agent:1', 'ghcr.io/team/agent', false],
    ['python', 'python:latest', true],
    ['*', 'anything:1', true],
    ['ghcr.io/team/agent@sha256:*', 'ghcr.io/team/agent:1', false],
    ['docker.io/*', 'EVIL/agent:1', false],
    ['docker.io/library/python:3', 'index.docker.io/python:3', true],
    ['docker.io/python', 'python', true],
    ['*/team/*:1', 'ghcr.io/team/agent:1', true],
    ['*/team/*:1', 'ghcr.io/other/agent:1', false],
    ['ghcr.io/a*a', 'ghcr.io/a', false],
    ['ghcr.io/*1:1', 'ghcr.io/1:1', true],
    ['ghcr.io/*:1*:1', 'ghcr.io/a:1', false],
    ['ghcr.io/**/agent:*', 'ghcr.io/team/agent:1', true],
    ['ghcr.io/team/agent.x:*', 'ghcr.io/team/agent-x:1', false],
  ])('%s allows %s: %s', (pattern, image, allowed) => {
    expect(imageMatches(pattern, image)).toBe(allowed);
  });

  it('of many wildcards is compared in time that grows with the lengths alone', async () => {
    expect(imageMatches(`${'*a'.repeat(3)}*b`, `ghcr.io/${'a'.repeat(600)}:1`)).toBe(false);
    // Jest's own timeout can only fail a test that gives way: trying every way to split takes far longer than that.
    await yieldTo(0);
  });
});
