/** The longest wait a server may ask for: beyond it, the caller's own back-off is asked again. */
const MAX_RETRY_AFTER_MS = 300_000;

/** Milliseconds that a Retry-After header (seconds or an HTTP date, RFC 9110 §10.2.3) asks to wait; bounded. */
export function retryAfterMs(header: string | string[] | undefined, now: Date): number | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined || value.trim() === '') return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isNaN(ms) ? undefined : boundRetryAfterMs(ms);
}

/** The wait that is granted to a server that asks for `ms`. */
export function boundRetryAfterMs(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
