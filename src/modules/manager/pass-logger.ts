import type { Logger } from 'pino';

/** What a pass may log. The lines carry the pass's kind, namespace, name and reconcileID, and what was assigned. */
export interface PassLogger {
  /** Adds fields to every later line of this pass, such as `agentRun.uid`. */
  assign(fields: Readonly<Record<string, string>>): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A logger of one pass on the process's own. */
export function passLogger(root: Logger, fields: Readonly<Record<string, string>>): PassLogger {
  let assigned = { ...fields };
  let logger = root.child(assigned);
  return {
    assign: (more) => {
      // A new child of the root, since pino writes a field twice when a child repeats its parent's.
      assigned = { ...assigned, ...more };
      logger = root.child(assigned);
    },
    debug: (line, message) => logger.debug(line, message),
    info: (line, message) => logger.info(line, message),
    warn: (line, message) => logger.warn(line, message),
    error: (line, message) => logger.error(line, message),
  };
}
