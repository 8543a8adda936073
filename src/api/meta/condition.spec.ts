import { type Condition, type DesiredCondition, findCondition, formatTime, mergeConditions } from './condition.js';

const EARLIER = '2026-01-01T00:00:00Z';
const NOW = new Date('2026-06-01T12:30:15.987Z');

const ready = (overrides: Partial<Condition> = {}): Condition => ({
  type: 'Ready',
  status: 'True',
  reason: 'ProviderReady',
  message: 'The provider is ready.',
  lastTransitionTime: EARLIER,
  observedGeneration: 1,
  ...overrides,
});

const wanted = (overrides: Partial<DesiredCondition> = {}): DesiredCondition => ({
  type: 'Ready',
  status: 'True',
  reason: 'ProviderReady',
  message: 'The provider is ready.',
  ...overrides,
});

describe('mergeConditions', () => {
  it.each<[string, Condition[] | undefined, DesiredCondition, Partial<Condition>]>([
    [
      'dates a new condition now, in whole seconds',
      undefined,
      wanted(),
      { lastTransitionTime: '2026-06-01T12:30:15Z' },
    ],
    ['keeps the time of an unchanged condition', [ready()], wanted(), { lastTransitionTime: EARLIER }],
    [
      'keeps the time when only reason and message change',
      [ready()],
      wanted({ reason: 'MemoryReady', message: 'other' }),
      { lastTransitionTime: EARLIER, reason: 'MemoryReady', message: 'other' },
    ],
    [
      'moves the time when the status changes',
      [ready()],
      wanted({ status: 'False' }),
      { lastTransitionTime: '2026-06-01T12:30:15Z', status: 'False' },
    ],
    ['records the generation that was looked at', [ready()], wanted(), { observedGeneration: 7 }],
  ])('%s', (_name, current, desired, expected) => {
    expect(mergeConditions(current, [desired], NOW, 7)).toEqual([expect.objectContaining(expected)]);
  });

  it('drops a condition that is not asked for any more and keeps the order asked for', () => {
    const current = [ready({ type: 'Blocked' }), ready()];
    const merged = mergeConditions(current, [wanted({ type: 'Accepted' }), wanted()], NOW, 1);
    expect(merged.map((condition) => condition.type)).toEqual(['Accepted', 'Ready']);
  });

  it('gives back an equal set for an equal input, so that nothing is written', () => {
    const current = [ready({ observedGeneration: 3 })];
    expect(mergeConditions(current, [wanted()], NOW, 3)).toEqual(current);
  });

  it('bounds the message to one KiB', () => {
    const [condition] = mergeConditions(undefined, [wanted({ message: 'é'.repeat(4000) })], NOW, 1);
    expect(Buffer.byteLength(condition!.message)).toBeLessThanOrEqual(1024);
  });
});

describe('findCondition', () => {
  it('finds by type and answers undefined for a missing type or a missing list', () => {
    expect(findCondition([ready()], 'Ready')).toEqual(ready());
    expect(findCondition([ready()], 'Failed')).toBeUndefined();
    expect(findCondition(undefined, 'Ready')).toBeUndefined();
  });
});

describe('formatTime', () => {
  it('writes UTC with whole seconds', () => {
    expect(formatTime(NOW)).toBe('2026-06-01T12:30:15Z');
  });
});
