import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  claimCommands,
  renewClaims,
  storeOutcomes,
  type ClaimSettings,
  type ClaimStatus,
  type CommandContent,
  type StoredOutcome,
} from '#libs/command-outcomes';
import { TOLERATED_SKEW_MS } from '#libs/event-store';
import type { Pool } from '#libs/platform';
import type { AppendLease } from '../deciding/account-command-handler.js';
import type { CommandRequest } from './parse-batch.js';

/**
 * How long after its claim a command's events may be appended, in milliseconds. Appends carry the end of this time as their
 * deadline, which the event store checks by its own clock.
 */
export const APPEND_WINDOW_MS = 8_000;

/** The minimum of that time that an append needs: its response takes a while, and the event store's clock may be ahead. */
const MIN_REMAINING_MS = 6_000;

/** Time between an append that the event store accepted before its deadline and the moment when readers see its events. */
const VISIBILITY_DELAY_MS = 1_000;

/** Time until another holder may take a claim over. No append of the previous holder can happen after it. */
export const LEASE_MS = APPEND_WINDOW_MS + TOLERATED_SKEW_MS + VISIBILITY_DELAY_MS;

/** The functions of `#libs/command-outcomes` with their connection. */
export interface ClaimStore {
  claim(
    contents: readonly CommandContent[],
    settings: ClaimSettings,
  ): Promise<ReadonlyMap<string, ClaimStatus>>;
  renew(commandIds: readonly string[], holder: string): Promise<boolean>;
  storeOutcomes(
    outcomes: readonly StoredOutcome[],
    decidedAt: string,
    holder: string,
  ): Promise<ReadonlyMap<string, StoredOutcome>>;
}

/** Another holder has taken commands over. From now on only that holder may refuse them. */
class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError';
}

/**
 * The claims of this process (docs/adr/0012). Each batch is a holder of its own, so two batches of one process are as separate
 * as two processes.
 */
export class CommandClaims {
  /** Holders that ended without an append under way, and when. The next delivery of their batch need not wait for the lease. */
  private readonly endedHolders = new Map<string, number>();

  /** @param newHolder returns a new UUID */
  constructor(
    private readonly store: ClaimStore,
    private readonly now: () => number,
    private readonly newHolder: () => string,
    private readonly sleep: (ms: number) => Promise<void>,
  ) {}

  openBatch(): BatchClaims {
    for (const [holder, endedAt] of this.endedHolders)
      if (this.now() - endedAt > LEASE_MS) this.endedHolders.delete(holder);
    const onRelease = (holder: string) => this.endedHolders.set(holder, this.now());
    return new BatchClaims(
      this.newHolder(),
      this.store,
      [...this.endedHolders.keys()],
      this.now,
      this.sleep,
      onRelease,
    );
  }
}

/** The claims of one batch. */
export class BatchClaims {
  /** The end of the append window, by command id. */
  private readonly windows = new Map<string, number>();
  private mayStillAppend = false;

  constructor(
    private readonly holder: string,
    private readonly store: ClaimStore,
    private readonly endedHolders: readonly string[],
    private readonly now: () => number,
    private readonly sleep: (ms: number) => Promise<void>,
    private readonly onRelease: (holder: string) => void,
  ) {}

  async claim(contents: readonly CommandContent[]): Promise<ReadonlyMap<string, ClaimStatus>> {
    const { holder, endedHolders } = this;
    // Taken before the statement that starts the lease, so the window ends before the lease does.
    const window = this.now() + APPEND_WINDOW_MS;
    const statuses = await this.store.claim(contents, { holder, endedHolders, leaseMs: LEASE_MS });
    for (const [commandId, { leaseStarted }] of statuses)
      if (leaseStarted) this.windows.set(commandId, window);
    return statuses;
  }

  /** The common append window of commands that are decided together. It is renewed when too little of it remains. */
  leaseFor(commandIds: readonly string[]): AppendLease {
    let renewal: Promise<void> | undefined;
    let window = Math.min(...commandIds.map((id) => this.windows.get(id) ?? Number.NEGATIVE_INFINITY));
    const renew = async () => {
      const next = this.now() + APPEND_WINDOW_MS;
      if (!(await this.store.renew(commandIds, this.holder)))
        throw new ClaimLostError('another process has taken over commands of this batch');
      for (const id of commandIds) this.windows.set(id, next);
      window = next;
    };
    const deadline = (): Date | Promise<Date> =>
      window - this.now() < MIN_REMAINING_MS
        ? (renewal ??= renew().finally(() => (renewal = undefined))).then(deadline)
        : new Date(window);
    return { deadline };
  }

  /** Waits for another holder to decide. The claims are not renewed meanwhile, because others may wait for them. */
  wait(ms: number): Promise<void> {
    return this.sleep(ms);
  }

  /** Call this when it is unknown whether an append takes place. */
  markAppendUncertain(): void {
    this.mayStillAppend = true;
  }

  /**
   * Stores what was decided.
   * @returns the first outcome of each command
   * @throws ClaimLostError
   */
  async storeOutcomes(
    outcomes: readonly StoredOutcome[],
    decidedAt: string,
  ): Promise<ReadonlyMap<string, StoredOutcome>> {
    const stored = await this.store.storeOutcomes(outcomes, decidedAt, this.holder);
    const lost = outcomes.filter(({ commandId }) => !stored.has(commandId));
    if (lost.length > 0) {
      const ids = lost.map(({ commandId }) => commandId).join(', ');
      throw new ClaimLostError(
        `another process has taken over commands that this one refused; the batch is processed again: ${ids}`,
      );
    }
    return stored;
  }

  /**
   * Lets the next batch of this process take over undecided claims at once. Does nothing if an append may still take place.
   */
  release(): void {
    if (!this.mayStillAppend) this.onRelease(this.holder);
  }
}

/**
 * Sorts the commands without an outcome by who has claimed them: this batch, or another one. A request whose id belongs to
 * another content is in neither list.
 * @param byId all requests of the batch
 * @returns `longestLeaseMs`: time until the last lease of another batch ends, in milliseconds
 */
export function sortByClaim(
  open: readonly CommandRequest[],
  byId: ReadonlyMap<string, readonly CommandRequest[]>,
  statuses: ReadonlyMap<string, ClaimStatus>,
): {
  readonly mine: readonly CommandRequest[];
  readonly held: readonly CommandRequest[];
  readonly longestLeaseMs: number;
} {
  const mine: CommandRequest[] = [];
  const held: CommandRequest[] = [];
  let longestLeaseMs = 0;
  for (const { content } of open) {
    const { content: claimed, outcome, isMine, leaseRemainingMs } = statuses.get(content.commandId)!;
    // The id may belong to the content of a later request of this batch.
    const request = byId.get(content.commandId)!.find((other) => other.content.digest === claimed?.digest);
    if (outcome !== undefined || request === undefined) continue;
    (isMine ? mine : held).push(request);
    if (!isMine && request.content.digest === content.digest)
      longestLeaseMs = Math.max(longestLeaseMs, leaseRemainingMs);
  }
  return { mine, held, longestLeaseMs };
}

/** @param now returns milliseconds since 1970 */
export const createCommandClaims = (pool: Pool, now: () => number): CommandClaims =>
  new CommandClaims(
    {
      claim: (contents, settings) => claimCommands(pool, contents, settings),
      renew: (commandIds, holder) => renewClaims(pool, commandIds, holder),
      storeOutcomes: (outcomes, decidedAt, holder) => storeOutcomes(pool, outcomes, decidedAt, holder),
    },
    now,
    randomUUID,
    (ms) => sleep(ms),
  );
