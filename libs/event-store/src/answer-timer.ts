/**
 * Calls when no answer has come for a time. A process that was stalled runs its timers before it reads what has come
 * meanwhile; that is read first here, and an answer among it counts.
 */
export class AnswerTimer {
  private readonly timer: NodeJS.Timeout;
  private lastLook: NodeJS.Immediate | undefined;

  /** @param ms since the beginning, or since the last answer */
  constructor(ms: number, onSilence: () => void) {
    this.timer = setTimeout(() => {
      // What waits in the sockets is read between timers and immediates.
      this.lastLook = setImmediate(onSilence);
    }, ms);
  }

  /** An answer has come, and another is awaited. */
  restart(): void {
    clearImmediate(this.lastLook);
    this.timer.refresh();
  }

  stop(): void {
    clearImmediate(this.lastLook);
    clearTimeout(this.timer);
  }
}
