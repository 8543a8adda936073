import { Agent, request } from 'undici';

/** What the API server answered; `body` is the parsed JSON, or text where it was not JSON. */
export interface ApiAnswer {
  status: number;
  body: unknown;
  /** Texts of the Warning headers, such as "unknown field". */
  warnings: readonly string[];
}

export interface ApiRequest {
  /** Sent as JSON. */
  body?: unknown;
  /** `application/json` unless given: a patch needs its own. */
  contentType?: string;
}

/** Where an API server is and who asks. */
export interface ApiEndpoint {
  url: string;
  /** PEM of the certificate that the server shows. */
  certificate: string;
  /** Bearer token of a user of the group system:masters. */
  token: string;
}

function warningTexts(header: string | string[] | undefined): string[] {
  const lines = header === undefined ? [] : [header].flat();
  return lines.map((line) => line.replace(/^299 - "(.*)"$/s, '$1').replaceAll('\\"', '"'));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A bare HTTPS client of its own, so that tests of the API do not lean on the code under test. Close it. */
export class ApiClient {
  readonly #endpoint: ApiEndpoint;
  readonly #agent: Agent;

  constructor(endpoint: ApiEndpoint) {
    this.#endpoint = endpoint;
    this.#agent = new Agent({ connect: { ca: endpoint.certificate } });
  }

  async send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: ApiRequest = {},
  ): Promise<ApiAnswer> {
    const { statusCode, headers, body } = await request(this.#endpoint.url + path, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#endpoint.token}`,
        'content-type': options.contentType ?? 'application/json',
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
    });
    return { status: statusCode, body: parse(await body.text()), warnings: warningTexts(headers['warning']) };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
