/** setTimeout's limit, 24.8 days; it fires a longer one at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls `fn` once after `ms` milliseconds, however many; the returned function cancels. */
export function setLongTimer(ms: number, fn: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    timer = setTimeout(() => (left > LONGEST_MS ? arm(left - LONGEST_MS) : fn()), Math.min(left, LONGEST_MS));
  };
  arm(ms);
  return () => clearTimeout(timer);
}
