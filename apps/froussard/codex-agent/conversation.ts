import type { AgentStatus } from '../../../src/runner/status-file.js';
import { failureClassOf } from './failure-class.js';

/** The agent's file may have 64 KiB, of which a message takes 1 KiB in the end. In UTF-16 units. */
const MAX_MESSAGE_LENGTH = 4096;

/** What the CLI's events have said so far. */
export interface Conversation {
  /** The model's latest message. */
  readonly lastMessage?: string;
  /** The latest problem, which the CLI may still get over. */
  readonly problem?: string;
  /** Why the CLI gave up. */
  readonly failure?: string;
  /** Of the whole conversation. Input tokens are with those that came from a cache. */
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
}

/** An event of `codex exec --json`, as far as codex-agent looks at it (the CLI's documentation, "Non-interactive mode"). */
interface Event {
  readonly type?: unknown;
  readonly item?: { readonly type?: unknown; readonly text?: unknown };
  readonly message?: unknown;
  readonly error?: { readonly message?: unknown };
  readonly usage?: { readonly input_tokens?: unknown; readonly output_tokens?: unknown };
}

/** The conversation after one more line of the CLI's output. A line that is no event changes nothing. */
export function heard(conversation: Conversation, line: string): Conversation {
  const event = parse(line);
  switch (event.type) {
    case 'item.completed': {
      const { type, text } = event.item ?? {};
      return type === 'agent_message' && typeof text === 'string'
        ? { ...conversation, lastMessage: text }
        : conversation;
    }
    case 'error':
      return typeof event.message === 'string' ? { ...conversation, problem: event.message } : conversation;
    case 'turn.failed': {
      const message = event.error?.message;
      return typeof message === 'string' ? { ...conversation, failure: message } : conversation;
    }
    case 'turn.completed': {
      const { input_tokens: inputTokens, output_tokens: outputTokens } = event.usage ?? {};
      if (typeof inputTokens !== 'number' || typeof outputTokens !== 'number') return conversation;
      return { ...conversation, usage: { inputTokens, outputTokens } };
    }
    default:
      return conversation;
  }
}

/** What the status file says of a conversation that is over. */
export function statusOf({ lastMessage, problem, failure, usage }: Conversation, exitCode: number): AgentStatus {
  const message = exitCode === 0 ? lastMessage : (failure ?? problem ?? lastMessage);
  const failureClass = exitCode === 0 ? undefined : failureClassOf(failure);
  return {
    ...(message === undefined ? {} : { message: message.slice(0, MAX_MESSAGE_LENGTH) }),
    ...(failureClass === undefined ? {} : { failureClass }),
    ...(usage === undefined ? {} : { usage }),
  };
}

function parse(line: string): Event {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === 'object' && event !== null ? event : {};
  } catch {
    return {};
  }
}
