import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { AccessSource } from './access.js';

/**
 * Pools of connections that cannot starve each other: with HTTP/1.1 each open watch holds a socket, and a renewal of
 * the Lease must never queue behind a burst of writes.
 */
export type Lane = 'request' | 'watch' | 'lease';

const CONNECTIONS: Record<Lane, number | null> = { request: 32, watch: null, lease: 1 };

/**
 * Requests of a lane wait for the connection that is being made. A Lease's has to fail early enough for another one, to
 * another API server behind the same address, within the renew deadline.
 */
export const CONNECT_TIMEOUT_MS: Record<Lane, number> = { request: 10_000, watch: 10_000, lease: 3000 };
/** Below the 90 s after which the API server closes idle connections. */
const KEEP_ALIVE_MS = 60_000;
/** When the kernel starts to probe a silent peer; load balancers forget connections after a minute or more. */
const TCP_PROBE_AFTER_MS = 30_000;

export type Lanes = Record<Lane, Agent>;

/** One shared pool per lane; each new connection is made with the certificates of that moment. */
export function createLanes(access: AccessSource): Lanes {
  const agent = (lane: Lane): Agent =>
    new Agent({
      connect: connector(access, CONNECT_TIMEOUT_MS[lane]),
      connections: CONNECTIONS[lane],
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Deadlines are the transport's, on the injected clock.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  return { request: agent('request'), watch: agent('watch'), lease: agent('lease') };
}

function connector(access: AccessSource, timeout: number): buildConnector.connector {
  return (options, callback) => {
    access.current().then(
      ({ tls }) => {
        buildConnector({
          ...tls,
          allowH2: false,
          timeout,
          keepAlive: true,
          keepAliveInitialDelay: TCP_PROBE_AFTER_MS,
        })(options, callback);
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new Error('no credentials'), null);
      },
    );
  };
}

/**
 * The lane with `hook` called right before a request's first byte goes out. A request may have waited for credentials, a
 * free connection or a handshake, and the process may have been frozen meanwhile: what was true when it was made proves
 * nothing. A request whose signal the hook aborts is not sent.
 */
export function beforeSending(lane: Dispatcher, hook: () => void): Dispatcher {
  return lane.compose((dispatch) => (options, handler) => {
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (controller, context) => {
      hook();
      start?.(controller, context);
    };
    return dispatch(options, handler);
  });
}
