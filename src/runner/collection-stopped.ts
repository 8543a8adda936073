/** Ends the collecting of artifacts; the message says why one is missing. */
export class CollectionStopped extends Error {
  constructor(
    message: string,
    /** Absent when the collecting merely took too long. */
    readonly signal?: NodeJS.Signals,
  ) {
    super(message);
    this.name = 'CollectionStopped';
  }
}
