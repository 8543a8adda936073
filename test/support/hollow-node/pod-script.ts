/** How a hollow pod ends, if nobody stops it before. */
export type PodEnding =
  | 'succeeds'
  /** The agent exits with 3. */
  | 'fails'
  | 'outOfMemory'
  /** The node is short of ephemeral storage. */
  | 'evicted'
  /** The runner ends the agent at its deadline. */
  | 'timesOut'
  /** The kubelet ends the pod at its activeDeadlineSeconds. */
  | 'deadlineExceeded'
  | 'artifactMissing'
  /** The agent's service does not take its key, and a failure rule says so; the agent exits with 1. */
  | 'authFails'
  | 'checkoutFails';

/** What a pod on the hollow node does. Times are milliseconds. */
export interface PodScript {
  /** It comes this far and no further; absent: to its ending. */
  readonly heldAt?: 'scheduling' | 'imagePull';
  readonly scheduleMs: number;
  readonly checkoutMs: number;
  /** The time that the agent runs begins to count when this resolves; absent: with its start. */
  readonly released?: Promise<unknown>;
  /** How long the agent runs; 0: so short that the pod never shows `Running`; Infinity: until it is stopped. */
  readonly runMs: number;
  /** How long it takes to end after SIGTERM; its grace is the limit. */
  readonly stopMs: number;
  readonly ending: PodEnding;
}

/** A pod that succeeds as fast as it can. */
export const QUICK: PodScript = { scheduleMs: 10, checkoutMs: 20, runMs: 50, stopMs: 50, ending: 'succeeds' };
