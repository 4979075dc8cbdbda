import {
  isCommandError,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type EventData,
  type EventStoreDBClient,
  type JSONRecordedEvent,
} from '@eventstore/db-client';
import { evolve, openAccount, type Account, type InvitationEvent } from '#libs/invitation';
import { Backoff, endWith } from '#libs/platform';
import { AnswerTimer } from './answer-timer.js';
import type { AppendMetrics } from './append-metrics.js';
import { appendSpans, type Steps } from './append-spans.js';
import { APPEND_DEADLINE_MS, EventStoreUnavailable } from './client.js';
import { fromStored, toStored } from './event-codec.js';
import { streamOf } from './streams.js';
import { WritingClient } from './writing-client.js';

/** An account as of a revision of its stream; undefined before its first event. */
export interface AccountAt {
  readonly account: Account;
  readonly revision: bigint | undefined;
}

/** Somebody else has appended since the account was read: read it and decide again. */
export class Conflict extends Error {}

/** The account's stream was deleted for ever (a tombstone): nobody can read it, or append to it, any more. */
export class AccountGone extends Error {}

/** How long to wait for a server that does not answer: the client itself would wait for ever. */
export interface Patience {
  /** For the answer to an append, and for the next event of a read, in milliseconds. */
  readonly timeoutMs: number;
  /** Equal appends until the answer counts as unclear. */
  readonly attempts: number;
}

const PATIENCE: Patience = { timeoutMs: 3_000, attempts: 3 };

/** Between two equal appends. */
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/** Accounts by their streams. */
export class AccountRepository {
  private readonly writing: WritingClient;

  /** @param client its owner replaces it where it is a WritingClient */
  constructor(
    client: EventStoreDBClient | WritingClient,
    private readonly patience: Patience = PATIENCE,
    private readonly now: () => number = Date.now,
    private readonly metrics?: AppendMetrics,
  ) {
    this.writing = client instanceof WritingClient ? client : new WritingClient(() => client);
  }

  read(accountId: string): Promise<AccountAt> {
    return this.readOn(accountId, { account: openAccount(), revision: undefined });
  }

  /**
   * The account with what was appended to its stream since `at`. Like `evolve`, it changes the account that it is given.
   * @throws AccountGone
   * @throws EventStoreUnavailable when the server falls silent
   */
  readOn(accountId: string, at: AccountAt): Promise<AccountAt> {
    return this.writing
      .use((client) => this.readWith(client, accountId, at))
      .catch((error: unknown) => {
        if (error instanceof StreamDeletedError) throw new AccountGone(accountId);
        if (!(error instanceof Error && isCommandError(error))) throw error;
        throw new EventStoreUnavailable(`a read failed: ${reasonOf(error)}; ${HINT}`, { cause: error });
      });
  }

  private async readWith(
    client: EventStoreDBClient,
    accountId: string,
    { account, revision }: AccountAt,
  ): Promise<AccountAt> {
    const fromRevision = revision === undefined ? START : revision + 1n;
    const events = client.readStream(streamOf(accountId), { fromRevision });
    // What breaks after the last event was read has no reader any more.
    events.on('error', () => undefined);
    const timer = new AnswerTimer(this.patience.timeoutMs, () => {
      events.destroy(
        new EventStoreUnavailable(`no answer to a read within ${this.patience.timeoutMs} ms; ${HINT}`),
      );
      events.cancel().catch(() => undefined);
    });
    let last = revision;
    try {
      for await (const { event } of events) {
        timer.restart();
        if (event === undefined) continue;
        evolve(account, fromStored(event as JSONRecordedEvent));
        last = event.revision;
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    } finally {
      timer.stop();
    }
    return { account, revision: last };
  }

  /**
   * Appends events behind `revision`, all or none.
   * @param steps on the ways of the events' commands, where traces are kept
   * @returns the revision of the last one
   * @throws Conflict when the stream is not at `revision`
   * @throws AccountGone
   * @throws EventStoreUnavailable when it is not known whether they were appended, after repeats of the same append
   */
  append(
    accountId: string,
    revision: bigint | undefined,
    events: readonly InvitationEvent[],
    steps?: Steps,
  ): Promise<bigint> {
    const spans = appendSpans(events, steps);
    const stored = events.map((event, index) =>
      toStored(event, ordinalIn(events, index), spans.get(event.commandId)?.traceparent),
    );
    const append = () => this.appendStored(accountId, revision, stored);
    return spans.size === 0 ? append() : endWith(spans.values(), append);
  }

  private async appendStored(
    accountId: string,
    revision: bigint | undefined,
    stored: EventData[],
  ): Promise<bigint> {
    const { timeoutMs, attempts } = this.patience;
    const stream = streamOf(accountId);
    let backoff: Backoff | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const beganAt = performance.now();
      try {
        const deadline = new Date(this.now() + APPEND_DEADLINE_MS);
        const append = { stream, revision, events: stored, deadline };
        const reached = await this.writing.use((_, appends) => appends.append(append, timeoutMs));
        this.metrics?.appended(beganAt, stored.length);
        return reached;
      } catch (error) {
        if (error instanceof WrongExpectedVersionError) {
          this.metrics?.failed('conflict');
          throw new Conflict(`account ${accountId} has moved on`);
        }
        if (error instanceof StreamDeletedError) throw new AccountGone(accountId);
        this.metrics?.failed('unclear');
        if (attempt === attempts) {
          const message = `no clear answer to ${attempt} equal appends, at last ${reasonOf(error)}; ${HINT}`;
          throw new EventStoreUnavailable(message, { cause: error });
        }
        await (backoff ??= new Backoff(FIRST_WAIT_MS, LONGEST_WAIT_MS)).wait();
      }
    }
  }
}

/** For the operator, who reads it in the readiness. */
const HINT = 'is the event store at EVENTSTORE_URL up, and reachable from here?';

/** The client's errors may have no text. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && isCommandError(error)
    ? `${error.type}${error.message && `: ${error.message}`}`
    : String(error);

/** The place of an event among those of its own command. */
function ordinalIn(events: readonly InvitationEvent[], index: number): number {
  const { commandId } = events[index]!;
  return events.slice(0, index).filter((event) => event.commandId === commandId).length;
}
