import { pino, stdTimeFunctions } from 'pino';
import { describeError } from '../../domain/describe-error.js';
import { ConfigError } from './config.error.js';

/** Says why the process could not start, as one JSON line like every other; there is no configured logger yet. */
export function reportFailedStart(error: unknown): void {
  const logger = pino({
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  if (error instanceof ConfigError) logger.fatal({ problems: error.problems }, 'the configuration is invalid');
  else logger.fatal({ err: describeError(error, true) }, 'the process could not start');
}
