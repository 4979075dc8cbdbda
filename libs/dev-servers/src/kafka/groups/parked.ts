/** A reply that is held back until the group knows it, or until the connection that waits for it is gone. */
export class Parked<Outcome> {
  readonly outcome: Promise<Outcome>;
  readonly answer: (outcome: Outcome) => void;

  /**
   * @param ifGone what the wait ends with when the connection closes; nobody reads it
   * @param onGone called then
   */
  constructor(closed: AbortSignal, ifGone: Outcome, onGone: () => void) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const gone = () => {
      onGone();
      resolve(ifGone);
    };
    this.outcome = promise;
    this.answer = (outcome) => {
      closed.removeEventListener('abort', gone);
      resolve(outcome);
    };
    closed.addEventListener('abort', gone, { once: true });
  }
}
