import { jest } from '@jest/globals';

/**
 * Of a test, or of a hook, that waits for real servers. It is longer than the deadlines inside, so that these end a wait and
 * say what did not come; and so long that a busy machine is not taken for a mistake.
 */
const LIMIT_MS = 60_000;

jest.setTimeout(LIMIT_MS);
