import type { CommandOutcome } from '#libs/contracts';

type Tell = (outcome: CommandOutcome | undefined) => void;

export interface Waiting {
  /** The outcome, or undefined when none came in time. */
  readonly outcome: Promise<CommandOutcome | undefined>;
  /** Ends the wait, whether it is over or not. */
  cancel(): void;
}

/** Who waits for the outcome of one command, on behalf of its actor. */
interface Waiters {
  readonly actorId: string;
  readonly tellers: Set<Tell>;
}

/** Requests that wait for outcomes, several for the same command if need be. */
export class PendingOutcomes {
  private readonly waiters = new Map<string, Waiters>();

  /** Commands that are waited for. */
  get size(): number {
    return this.waiters.size;
  }

  /** Undefined while another actor waits on this id: an outcome does not say whose it is, and theirs is not to be told. */
  wait(commandId: string, actorId: string, timeoutMs: number): Waiting | undefined {
    const waiters = this.waiters.get(commandId) ?? { actorId, tellers: new Set() };
    if (waiters.actorId !== actorId) return undefined;
    const { tellers } = waiters;
    const { promise: outcome, resolve } = Promise.withResolvers<CommandOutcome | undefined>();
    tellers.add(resolve);
    this.waiters.set(commandId, waiters);
    const cancel = () => {
      clearTimeout(timer);
      tellers.delete(resolve);
      if (tellers.size === 0 && this.waiters.get(commandId) === waiters) this.waiters.delete(commandId);
      resolve(undefined);
    };
    const timer = setTimeout(cancel, timeoutMs);
    return { outcome, cancel };
  }

  /** Tells all that wait for the command; an outcome that nobody waits for, or no longer, is dropped. */
  settle(outcome: CommandOutcome): void {
    for (const tell of this.waiters.get(outcome.commandId)?.tellers ?? []) tell(outcome);
  }
}
