import type { Params } from 'nestjs-pino';
import { stdTimeFunctions } from 'pino';
import { describeError } from '../../domain/describe-error.js';
import type { Config } from './config.js';

/** Asked every few seconds by machines, for ever. */
const UNLOGGED_PATHS = new Set(['/livez', '/readyz', '/healthz', '/metrics']);

/** JSON lines on stdout. Of requests and errors only what is safe: headers, queries and bodies may hold secrets. */
export function loggerOptions({ log }: Pick<Config, 'log'>): Params {
  return {
    pinoHttp: {
      level: log.level,
      // A pod's lines are already marked with its name.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        req: ({ method, url }: { method: string; url: string }) => ({ method, path: pathOf(url) }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
        err: (error: unknown) => (error instanceof Error ? describeError(error, true) : error),
      },
      autoLogging: { ignore: ({ url }) => UNLOGGED_PATHS.has(pathOf(url ?? '')) },
    },
  };
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
