import { anAgent } from '../../../../test/support/builders/objects.js';
import type { Agent } from '../../../api/v1alpha1/agent.types.js';
import { type Gate, gateOf } from './gate.admission.js';
import type { Pause } from './outage-streak.admission.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const inMs = (ms: number): Pause => ({ reason: 'AuthFailed', probeAtMs: NOW.getTime() + ms });
const limited = (maxConcurrentRuns: number): Agent => anAgent({ limits: { maxConcurrentRuns } });

describe('an agent may hold', () => {
  it.each<[string, Agent | undefined, Pause | undefined, Partial<Gate>]>([
    ["the operator's number of slots when it does not say", anAgent(), undefined, { slots: 5, reason: 'Queued' }],
    ['the same when it is gone', undefined, undefined, { slots: 5, reason: 'Queued' }],
    ['its own number, also a greater one', limited(7), undefined, { slots: 7, reason: 'Queued' }],
    ['none when it says so, paused or not', limited(0), inMs(1), { slots: 0, reason: 'Queued' }],
    ['none while it is paused', limited(7), inMs(9), { slots: 0, reason: 'AgentPaused', opensInMs: 9 }],
    ['one when a probe is due', limited(7), inMs(0), { slots: 1, reason: 'AgentPaused' }],
  ])('%s', (_name, agent, pause, expected) => {
    expect(gateOf({ name: 'coder', agent, maxRunsPerAgent: 5 }, pause, NOW)).toMatchObject(expected);
  });

  it('and its runs are told the same until a probe gets through', () => {
    const message = (pause: Pause): string =>
      gateOf({ name: 'coder', agent: undefined, maxRunsPerAgent: 5 }, pause, NOW).message;
    expect(message(inMs(9))).toContain('Agent "coder" is paused');
    expect(message({ reason: 'RateLimited', probeAtMs: 0 })).toBe(message(inMs(9)));
  });

  it('and its runs are told what to do when it holds them back', () => {
    const { message } = gateOf({ name: 'coder', agent: limited(0), maxRunsPerAgent: 5 }, undefined, NOW);
    expect(message).toContain('spec.limits.maxConcurrentRuns is 0; raise it');
  });
});
