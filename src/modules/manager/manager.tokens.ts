/** The process's pino logger, before any request or pass adds its fields. */
export const ROOT_LOGGER = Symbol('RootLogger');

/** Ends the process at once with that exit code. */
export type Exit = (code: number) => void;

export const EXIT = Symbol('Exit');
