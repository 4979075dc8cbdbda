import {
  NO_STREAM,
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

/** The client has no deadline of its own for an append, and a silent server would hold it for ever. */
const APPEND_TIMEOUT_MS = 5_000;
const APPEND_ATTEMPTS = 3;

/** Accounts by their streams. */
export class AccountRepository {
  constructor(private readonly client: EventStoreDBClient) {}

  async read(accountId: string): Promise<AccountAt> {
    const account = openAccount();
    let revision: bigint | undefined;
    try {
      for await (const { event } of this.client.readStream(streamOf(accountId))) {
        if (event === undefined) continue;
        evolve(account, fromStored(event as JSONRecordedEvent));
        revision = event.revision;
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
    return { account, revision };
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
    const expectedRevision: AppendExpectedRevision = revision ?? NO_STREAM;
    const stored = events.map((event, index) => toStored(event, ordinalIn(events, index)));
    for (let attempt = 1; ; attempt += 1) {
      try {
        const appended = this.client.appendToStream(streamOf(accountId), stored, { expectedRevision });
        return (await within(APPEND_TIMEOUT_MS, appended)).nextExpectedRevision;
      } catch (error) {
        if (error instanceof WrongExpectedVersionError)
          throw new Conflict(`account ${accountId} has moved on`);
        if (attempt === APPEND_ATTEMPTS) {
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
