import { immutabilityRule } from './immutability.js';

const immutable = { except: ['cancel'], message: 'create a new one' };

describe('immutabilityRule', () => {
  it('compares presence and value of every field but those that may change', () => {
    expect(immutabilityRule(['agentRef', 'memoryRef', 'cancel'], ['agentRef'], immutable, 'spec')).toEqual({
      rule:
        'self.agentRef == oldSelf.agentRef && has(self.memoryRef) == has(oldSelf.memoryRef) && ' +
        '(!has(self.memoryRef) || self.memoryRef == oldSelf.memoryRef)',
      message: 'create a new one',
    });
  });

  it('refuses an exception that is not a field', () => {
    expect(() => immutabilityRule(['agentRef'], [], immutable, 'spec')).toThrow(
      'spec: cancel may change but is not a field',
    );
  });

  it('refuses a field whose name CEL reserves', () => {
    expect(() => immutabilityRule(['namespace', 'cancel'], [], immutable, 'spec')).toThrow('reserved word of CEL');
  });
});
