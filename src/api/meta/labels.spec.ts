import { ANNOTATIONS, isReservedName, LABELS } from './labels.js';

describe('label and annotation names', () => {
  it.each([...Object.values(LABELS), ...Object.values(ANNOTATIONS)])('%s is reserved', (name) => {
    expect(isReservedName(name)).toBe(true);
  });

  it.each(['team', 'agents.proompteng.ai.example/agent', 'example.com/agent-run'])('%s is free for users', (name) => {
    expect(isReservedName(name)).toBe(false);
  });
});
