import {
  NO_STREAM,
  START,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type EventStoreDBClient,
  type JSONRecordedEvent,
} from '@eventstore/db-client';
import { evolve, openAccount, type Account, type InvitationEvent } from '#libs/invitation';
import { EventStoreUnavailable } from './client.js';
import { fromStored, toStored } from './event-codec.js';
import { streamOf } from './streams.js';

/** An account as of a revision of its stream; undefined before its first event. */
export interface AccountAt {
  readonly account: Account;
  readonly revision: bigint | undefined;
}

/** Somebody else has appended since the account was read: read it and decide again. */
export class Conflict extends Error {}

/** How long to wait for a server that does not answer: the client itself would wait for ever. */
export interface Patience {
  /** For the answer to an append, and for the next event of a read, in milliseconds. */
  readonly timeoutMs: number;
  /** Equal appends until the answer counts as unclear. */
  readonly attempts: number;
}

const PATIENCE: Patience = { timeoutMs: 5_000, attempts: 3 };

/** Accounts by their streams. */
export class AccountRepository {
  constructor(
    private readonly client: EventStoreDBClient,
    private readonly patience: Patience = PATIENCE,
  ) {}

  read(accountId: string): Promise<AccountAt> {
    return this.readOn(accountId, { account: openAccount(), revision: undefined });
  }

  /**
   * The account with what was appended to its stream since `at`. Like `evolve`, it changes the account that it is given.
   * @throws EventStoreUnavailable when the server falls silent
   */
  async readOn(accountId: string, { account, revision }: AccountAt): Promise<AccountAt> {
    const fromRevision = revision === undefined ? START : revision + 1n;
    const events = this.client.readStream(streamOf(accountId), { fromRevision });
    // What breaks after the last event was read has no reader any more.
    events.on('error', () => undefined);
    const silence = setTimeout(() => {
      events.destroy(new EventStoreUnavailable(`no answer to a read within ${this.patience.timeoutMs} ms`));
      events.cancel().catch(() => undefined);
    }, this.patience.timeoutMs);
    let last = revision;
    try {
      for await (const { event } of events) {
        silence.refresh();
        if (event === undefined) continue;
        evolve(account, fromStored(event as JSONRecordedEvent));
        last = event.revision;
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    } finally {
      clearTimeout(silence);
    }
    return { account, revision: last };
  }

  /**
   * Appends events behind `revision`, all or none.
   * @returns the revision of the last one
   * @throws Conflict when the stream is not at `revision`
   * @throws EventStoreUnavailable when it is not known whether they were appended, after repeats of the same append
   */
  async append(
    accountId: string,
    revision: bigint | undefined,
    events: readonly InvitationEvent[],
  ): Promise<bigint> {
    const { timeoutMs, attempts } = this.patience;
    const expectedRevision: AppendExpectedRevision = revision ?? NO_STREAM;
    const stored = events.map((event, index) => toStored(event, ordinalIn(events, index)));
    for (let attempt = 1; ; attempt += 1) {
      try {
        const appended = this.client.appendToStream(streamOf(accountId), stored, { expectedRevision });
        return (await within(timeoutMs, appended)).nextExpectedRevision;
      } catch (error) {
        if (error instanceof WrongExpectedVersionError)
          throw new Conflict(`account ${accountId} has moved on`);
        if (attempt === attempts) {
          throw new EventStoreUnavailable(`no clear answer to ${attempt} equal appends`, { cause: error });
        }
      }
    }
  }
}

/** The place of an event among those of its own command. */
function ordinalIn(events: readonly InvitationEvent[], index: number): number {
  const { commandId } = events[index]!;
  return events.slice(0, index).filter((event) => event.commandId === commandId).length;
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, elapsed]);
  } finally {
    clearTimeout(timer);
  }
}
