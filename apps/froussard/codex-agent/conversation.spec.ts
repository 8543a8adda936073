import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseAgentStatus, type AgentStatus } from '../../../src/runner/status-file.js';
import { type Conversation, heard, statusOf } from './conversation.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** After the events that the real CLI gave on this behaviour of hack/demo/responses-endpoint.ts. */
const recorded = (behaviour: string): Conversation => after(...read(`recorded/${behaviour}.jsonl`).split('\n'));

const after = (...lines: string[]): Conversation => lines.reduce(heard, {});

const event = (fields: object): string => JSON.stringify(fields);
const said = (text: string): string => event({ type: 'item.completed', item: { type: 'agent_message', text } });

describe('what the CLI said', () => {
  it('was recorded with the version that the image has', () => {
    const { dependencies } = JSON.parse(read('../package.json')) as { dependencies: Record<string, string> };
    expect(read('recorded/version').trim()).toBe(dependencies['@openai/codex']);
  });

  it.each<[string, number, AgentStatus]>([
    [
      'work',
      0,
      { message: 'Done: every command of the task was executed.', usage: { inputTokens: 240, outputTokens: 60 } },
    ],
    [
      'limited',
      1,
      { message: 'exceeded retry limit, last status: 429 Too Many Requests', failureClass: 'RateLimited' },
    ],
    ['quota', 1, { message: 'Quota exceeded. Check your plan and billing details.', failureClass: 'QuotaExhausted' }],
    [
      'refused',
      1,
      {
        message:
          'unexpected status 401 Unauthorized: Incorrect API key provided, url: http://127.0.0.1:18181/refused/v1/responses',
        failureClass: 'AuthFailed',
      },
    ],
  ])('becomes the status of an agent: %s', (behaviour, exitCode, expected) => {
    const status = statusOf(recorded(behaviour), exitCode);
    expect(status).toEqual(expected);
    // As agent-runner reads it.
    expect(parseAgentStatus(JSON.stringify(status), (text) => text)).toEqual(status);
  });

  it('is the last message of several', () => {
    expect(statusOf(after(said('first'), said('second')), 0)).toEqual({ message: 'second' });
  });

  it('is the latest problem when the CLI was stopped before it gave up, and no class', () => {
    const conversation = after(said('so far'), event({ type: 'error', message: 'Reconnecting... 2/5' }));
    expect(statusOf(conversation, 143)).toEqual({ message: 'Reconnecting... 2/5' });
  });

  it('is the message of a run that got over its problems', () => {
    const conversation = after(event({ type: 'error', message: 'Reconnecting... 1/5' }), said('done'));
    expect(statusOf(conversation, 0)).toEqual({ message: 'done' });
  });

  it('keeps the usage of what failed later', () => {
    const turn = event({ type: 'turn.completed', usage: { input_tokens: 5, output_tokens: 7 } });
    expect(statusOf(after(turn), 1)).toEqual({ usage: { inputTokens: 5, outputTokens: 7 } });
  });

  it('has room in the status file, however long it is', () => {
    const status = statusOf(after(said('\u0000😀'.repeat(1 << 20))), 0);
    expect(Buffer.byteLength(JSON.stringify(status))).toBeLessThan(64 << 10);
  });

  it.each([
    '',
    'WARNING: not an event',
    'null',
    '7',
    '[]',
    '{}',
    event({ type: 'item.completed' }),
    event({ type: 'item.completed', item: { type: 'agent_message', text: 7 } }),
    event({ type: 'item.completed', item: { type: 'reasoning', text: 'hm' } }),
    event({ type: 'item.completed', item: null }),
    event({ type: 'turn.completed', usage: null }),
    event({ type: 'turn.completed', usage: { input_tokens: 'many', output_tokens: 1 } }),
    event({ type: 'turn.failed' }),
    event({ type: 'error', message: { text: 'no' } }),
  ])('is not changed by a line that tells nothing: %s', (line) => {
    const before = after(said('before'));
    expect(heard(before, line)).toEqual(before);
  });
});
