// A double of an OpenAI-compatible Responses endpoint in one file: no model answers, a script does. Node runs it as it is:
//   node responses-endpoint.ts PORT
// The first part of the path says how it behaves; a client's base URL is http://HOST:PORT/BEHAVIOUR/v1:
//   work      has each ```sh block of the task executed, one after the other, then says that it is done
//   stall     the same, but never gets round to saying so
//   limited   answers 429 for ever, as an endpoint does whose rate limit is reached
//   quota     answers 429 with the code of an account that has no credit left
//   refused   answers 401 for ever
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

interface InputItem {
  readonly type: string;
  readonly role?: string;
  readonly call_id?: string;
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
}

interface ResponsesRequest {
  readonly input: readonly InputItem[];
}

/** What one answer of the double costs, in tokens. */
export const USAGE_PER_ANSWER = { inputTokens: 120, outputTokens: 30 };

/** The double's last words. */
export const LAST_MESSAGE = 'Done: every command of the task was executed.';

type Refusal = readonly [status: number, error: { readonly code: string; readonly message: string }];

const REFUSALS: Readonly<Record<string, Refusal>> = {
  limited: [429, { code: 'rate_limit_exceeded', message: 'Rate limit reached for requests' }],
  quota: [429, { code: 'insufficient_quota', message: 'You exceeded your current quota' }],
  refused: [401, { code: 'invalid_api_key', message: 'Incorrect API key provided' }],
};

/** Answers one request of the Responses API (POST /BEHAVIOUR/v1/responses). */
export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?');
  const [, behaviour = ''] = /^\/([a-z]+)\/v1\/responses$/.exec(path) ?? [];
  const body = await text(request);
  const refusal = REFUSALS[behaviour];
  if (refusal !== undefined) {
    const [status, error] = refusal;
    json(response, status, { error: { ...error, type: error.code, param: null } });
  } else if (behaviour === 'work' || behaviour === 'stall') {
    const { input } = JSON.parse(body) as ResponsesRequest;
    const item = nextCall(input) ?? (behaviour === 'work' ? lastWords() : undefined);
    if (item !== undefined) stream(response, `resp_${input.length}`, item);
  } else {
    json(response, 404, { error: { code: 'not_found', message: 'the double has no such path' } });
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function stream(response: ServerResponse, id: string, item: object): void {
  const events = [
    { type: 'response.created', response: { id } },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { id, usage: usage() } },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}

/** A call of the CLI's shell for the first command of the task that no output is there for. */
function nextCall(input: readonly InputItem[]): object | undefined {
  const done = input.filter(({ type }) => type === 'function_call_output').length;
  const task = input.filter(({ role }) => role === 'user').flatMap(({ content = [] }) => content);
  const commands = task.flatMap((part) => [...(part.text ?? '').matchAll(/^```sh\n(.*?)^```$/gms)]);
  const [, cmd] = commands[done] ?? [];
  if (cmd === undefined) return undefined;
  return {
    type: 'function_call',
    id: `fc_${done}`,
    call_id: `call_${done}`,
    name: 'exec_command',
    arguments: JSON.stringify({ cmd }),
  };
}

function lastWords(): object {
  const content = [{ type: 'output_text', text: LAST_MESSAGE, annotations: [] }];
  return { type: 'message', id: 'msg_last', role: 'assistant', content };
}

function usage(): object {
  const { inputTokens, outputTokens } = USAGE_PER_ANSWER;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}

if (import.meta.main) {
  const [port = '8080'] = process.argv.slice(2);
  const server = createServer((request, response) => void answer(request, response));
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(Number(port));
}
