import { describe, expect, it } from '@jest/globals';
import { CREATED } from '../../../test/support/builders/objects.js';
import { ABSENT, RUNNING, STOPPING, SUCCEEDED } from '../../../test/support/builders/observations.js';
import type { Observation } from '../runtime/observation.types.js';
import { withoutSkew } from './clock-of-node.observe.js';

const NOW = new Date('2026-01-01T00:10:00Z');
const AHEAD = '2099-01-01T00:00:00Z';
const BEHIND = '1970-01-01T00:00:01Z';

describe('times by a node’s clock', () => {
  it.each<[string, Observation, Observation]>([
    ['stay when they can be right', SUCCEEDED, SUCCEEDED],
    ['stay absent where there are none', ABSENT, ABSENT],
    ['are not after now', { ...SUCCEEDED, finishedAt: AHEAD }, { ...SUCCEEDED, finishedAt: '2026-01-01T00:10:00Z' }],
    [
      'are not before the workload was made',
      { ...SUCCEEDED, startedAt: BEHIND, finishedAt: BEHIND },
      { ...SUCCEEDED, startedAt: CREATED, finishedAt: CREATED },
    ],
    [
      'of a start are bounded alike',
      { ...RUNNING, startedAt: AHEAD },
      { ...RUNNING, startedAt: '2026-01-01T00:10:00Z' },
    ],
    [
      'of a workload that is gone have only an end',
      { ...STOPPING, startedAt: BEHIND },
      { ...STOPPING, startedAt: BEHIND },
    ],
  ])('%s', (_name, observation, expected) => {
    expect(withoutSkew(observation, NOW)).toEqual(expected);
  });
});
