/** State of one list+watch, from memory. */
export interface WatchHealth {
  readonly kind: string;
  /** Undefined when all namespaces are watched. */
  readonly namespace: string | undefined;
  /** True once the first list was complete. */
  readonly synced: boolean;
  /** Since the server last sent anything (also bookmarks); undefined before the first list. */
  readonly lastEventAgeMs: number | undefined;
  /** Complete lists after the first one. */
  readonly relists: number;
  /** Watches opened after the first one. */
  readonly reconnects: number;
  /** Why the last list or watch ended; undefined while a watch is open and healthy. */
  readonly lastError: string | undefined;
}
