/** `key=value` pairs; values that hold more than plain path characters are quoted as JSON, so that a line stays one line. */
export function logfmt(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${/^[\w./@+-]+$/.test(value) ? value : JSON.stringify(value)}`)
    .join(' ');
}
