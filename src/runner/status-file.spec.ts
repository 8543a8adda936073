import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskText } from './masker.js';
import { parseAgentStatus } from './status-file.js';

const asIs = (text: string): string => text;
const parsed = (value: unknown): unknown => parseAgentStatus(JSON.stringify(value), asIs);

describe('parseAgentStatus', () => {
  it('takes what an agent may say', () => {
    const status = {
      message: 'a\nb',
      failureClass: 'AuthFailed',
      usage: { inputTokens: 1, costMicroUsd: 2 },
      outputs: { 'pr.url': 'u' },
    };
    expect(parsed(status)).toEqual(status);
  });

  it.each([
    ['fields of another type', { message: 1, failureClass: ['x'], usage: 'much', outputs: 3 }, {}],
    ['a failure class that is no word', { failureClass: 'Rate Limited\n' }, {}],
    ['negative usage', { usage: { inputTokens: -5 } }, { usage: { inputTokens: 0 } }],
    ['fractions', { usage: { costMicroUsd: 1.9 } }, { usage: { costMicroUsd: 1 } }],
    [
      'usage beyond exact integers',
      { usage: { outputTokens: 1e300 } },
      { usage: { outputTokens: Number.MAX_SAFE_INTEGER } },
    ],
    ['output names that are no names', { outputs: { 'a b': 'x', '': 'x', ok: 'y' } }, { outputs: { ok: 'y' } }],
    ['outputs that are no strings', { outputs: { a: 1, b: 'y' } }, { outputs: { b: 'y' } }],
    ['control characters', { message: 'a\u001b[31mb\u0000\tc' }, { message: 'a[31mb\tc' }],
  ])('puts right or drops %s', (_, status, expected) => {
    expect(parsed(status)).toEqual(expected);
  });

  it('reads a number too large for JavaScript as the largest', () => {
    expect(parseAgentStatus('{"usage":{"inputTokens":1e400}}', asIs)).toEqual({
      usage: { inputTokens: Number.MAX_SAFE_INTEGER },
    });
  });

  it('keeps 20 outputs and bounds every text', () => {
    const outputs = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`k${index}`, '🦀'.repeat(500)]));
    const status = parseAgentStatus(JSON.stringify({ message: 'é'.repeat(2000), outputs }), asIs);
    expect(Object.keys(status.outputs ?? {})).toHaveLength(20);
    expect(Buffer.byteLength(status.message ?? '')).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(status.outputs?.['k0'] ?? '')).toBeLessThanOrEqual(512);
  });

  it('masks before it cuts, so that no bound leaves the head of a secret', () => {
    const secret = 'k3y-'.repeat(11);
    const mask = (text: string): string => maskText(text, [secret]);
    for (let before = 400; before <= 1100; before += 1) {
      const text = 'x'.repeat(before) + secret;
      const status = parseAgentStatus(JSON.stringify({ message: text, outputs: { k: text } }), mask);
      expect(`${status.message} ${status.outputs?.['k']}`).not.toContain('k');
    }
  });

  it('masks a secret that shows only once control characters are dropped, and one that holds some', () => {
    const mask = (text: string): string => maskText(text, ['hunter2hunter2', 'pass\rword']);
    const status = { message: 'hunter2\u0000hunter2', outputs: { k: 'pass\rword' } };
    expect(parseAgentStatus(JSON.stringify(status), mask)).toEqual({ message: '***', outputs: { k: '***' } });
  });

  it('never fails', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) =>
        expect(parseAgentStatus(text, asIs)).toBeInstanceOf(Object),
      ),
    );
  });
});
