/** What a pass may log. The lines carry the pass's kind, namespace, name and reconcileID, and what was assigned. */
export interface PassLogger {
  /** Adds fields to every later line of this pass, such as `agentRun.uid`. */
  assign(fields: Readonly<Record<string, string>>): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
