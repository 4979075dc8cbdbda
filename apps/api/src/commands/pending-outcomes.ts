import type { CommandOutcome } from '#libs/contracts';

type Tell = (outcome: CommandOutcome | undefined) => void;

export interface Waiting {
  /** The outcome, or undefined when none came in time. */
  readonly outcome: Promise<CommandOutcome | undefined>;
  /** Ends the wait, whether it is over or not. */
  cancel(): void;
}

/** Requests that wait for outcomes, several for the same command if need be. */
export class PendingOutcomes {
  private readonly waiters = new Map<string, Set<Tell>>();

  /** Commands that are waited for. */
  get size(): number {
    return this.waiters.size;
  }

  wait(commandId: string, timeoutMs: number): Waiting {
    const { promise: outcome, resolve } = Promise.withResolvers<CommandOutcome | undefined>();
    const tellers = this.waiters.get(commandId) ?? new Set();
    this.waiters.set(commandId, tellers.add(resolve));
    const cancel = () => {
      clearTimeout(timer);
      tellers.delete(resolve);
      if (tellers.size === 0 && this.waiters.get(commandId) === tellers) this.waiters.delete(commandId);
      resolve(undefined);
    };
    const timer = setTimeout(cancel, timeoutMs);
    return { outcome, cancel };
  }

  /** Tells all that wait for the command; an outcome that nobody waits for, or no longer, is dropped. */
  settle(outcome: CommandOutcome): void {
    for (const tell of this.waiters.get(outcome.commandId) ?? []) tell(outcome);
  }
}
