import {
  isCommandError,
  NotLeaderError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type EventData,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { evolve, initialState, type Account, type InvitationEvent } from '#libs/invitation';
import { Backoff, withSpans } from '#libs/platform';
import { startAppendSpans, type AppendMetrics, type CommandSpans } from './append-telemetry.js';
import { APPEND_DEADLINE_MS, CONNECTION_HINT, EventStoreUnavailableError } from './wire/response-timeout.js';
import { decodeInvitationEvent, encodeEvent, authorsOf, type TextSealer } from './events/event-codec.js';
import { streamOf } from './events/raw-event.js';
import { readStream, type ReadStreamOptions, type RecordedEvent } from './read-streams.js';
import { ReconnectingClient } from './reconnecting-client.js';

/** An account at a revision of its stream. */
export interface VersionedAccount {
  readonly account: Account;
  /** Undefined before the first event. */
  readonly revision: bigint | undefined;
  /** The id of the event at the revision, if the account was folded elsewhere: a read checks that the stream has this event. */
  readonly eventId?: string;
  /** The stream exists, but all its events are truncated. Only a conflict then tells its revision. */
  readonly isTruncated?: true;
}

/** Another writer has appended since the account was read: read it and decide again. */
export class ConcurrencyError extends Error {
  /** @param revision the actual revision of the stream, if the server told it */
  constructor(
    message: string,
    readonly revision?: bigint,
  ) {
    super(message);
  }
}

/** The stream does not have the event that an account was folded from last: it is truncated, or it is another stream. */
export class AccountNotOfStreamError extends Error {
  override readonly name = 'AccountNotOfStreamError';
}

/** The account's stream was tombstoned: it can never be read or appended to again. */
export class StreamTombstonedError extends Error {}

/** How long to wait for a server that does not respond: the client itself waits for ever. */
interface RetryPolicy {
  /** For the response to an append, and for the next events of a read, in milliseconds. */
  readonly timeoutMs: number;
  /** How often the same append is sent before its outcome counts as unknown. */
  readonly attempts: number;
}

const DEFAULT_RETRY_POLICY: RetryPolicy = { timeoutMs: 3_000, attempts: 3 };

/** The backoff between two attempts. */
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 1_000;

/** Loads accounts from their streams, and appends events to them. */
export class AccountRepository {
  private readonly client: ReconnectingClient;

  /** The last event of the latest append that succeeded. */
  lastAppended:
    { readonly accountId: string; readonly revision: bigint; readonly eventId: string } | undefined;

  /**
   * @param client a ReconnectingClient may be shared: its owner replaces the connection and closes it
   * @param sealer encrypts the texts of appended events; without it they are stored as they are
   */
  constructor(
    client: EventStoreDBClient | ReconnectingClient,
    private readonly retryPolicy: RetryPolicy = DEFAULT_RETRY_POLICY,
    private readonly now: () => number = Date.now,
    private readonly metrics?: AppendMetrics,
    private readonly sealer?: TextSealer,
  ) {
    this.client = client instanceof ReconnectingClient ? client : new ReconnectingClient(() => client);
  }

  /** Reads an account from the start of its stream. An account without a stream has the initial state. @throws as `readFrom` */
  read(accountId: string): Promise<VersionedAccount> {
    return this.readFrom(accountId, { account: initialState(), revision: undefined });
  }

  /**
   * Applies the events that were appended after `from`. Like `evolve`, it changes the given account.
   * @throws StreamTombstonedError
   * @throws AccountNotOfStreamError if the account names an event that the stream does not have
   * @throws UnknownEventError for an event that this version cannot decode; the account is then partly changed
   * @throws EventStoreUnavailableError
   */
  readFrom(accountId: string, from: VersionedAccount): Promise<VersionedAccount> {
    const read = () => this.client.use((client) => this.readWith(client, accountId, from));
    return read()
      .catch((error: unknown) => {
        if (!(error instanceof NotLeaderError)) throw error;
        // The error has told the client which node leads.
        return read();
      })
      .catch((error: unknown) => {
        if (error instanceof StreamDeletedError) throw new StreamTombstonedError(accountId);
        if (!(error instanceof Error && isCommandError(error))) throw error;
        throw new EventStoreUnavailableError(`a read failed: ${reasonOf(error)}; ${CONNECTION_HINT}`, {
          cause: error,
        });
      });
  }

  private async readWith(
    client: EventStoreDBClient,
    accountId: string,
    { account, revision, eventId }: VersionedAccount,
  ): Promise<VersionedAccount> {
    let isVerified = eventId === undefined;
    const options = {
      fromRevision: revision === undefined || !isVerified ? revision : revision + 1n,
      // A follower may lack the last events, and a decision without them would only cause a conflict.
      requiresLeader: true,
      timeoutMs: this.retryPolicy.timeoutMs,
    };
    let last = revision;
    try {
      for await (const events of readStream(client, streamOf(accountId), options)) {
        for (const event of events) {
          if (!isVerified) {
            if (event.revision !== revision || event.id !== eventId) throw notOfStream(accountId, revision);
            isVerified = true;
            continue;
          }
          last = event.revision;
          // An event of the store itself, such as a link. The subscription leaves them out, too (toRawEvent).
          if (event.type.startsWith('$')) continue;
          evolve(account, decodeInvitationEvent(event));
        }
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
      if (!isVerified) throw notOfStream(accountId, revision);
      return { account, revision: last };
    }
    if (!isVerified) throw notOfStream(accountId, revision);
    return { account, revision: last, ...(last === undefined ? { isTruncated: true } : {}) };
  }

  /**
   * Appends events after `revision`: all of them or none.
   * @param commandSpans by command id, if tracing is on
   * @param notAfter the server must not append the events later than this
   * @returns the revision of the last event
   * @throws ConcurrencyError when the stream is not at `revision`
   * @throws StreamTombstonedError
   * @throws EventStoreUnavailableError when it is unknown whether the events were appended, after all attempts
   */
  async append(
    accountId: string,
    revision: bigint | undefined,
    events: readonly InvitationEvent[],
    commandSpans?: CommandSpans,
    notAfter?: Date,
  ): Promise<bigint> {
    const seal = await this.sealer?.load(authorsOf(events));
    const spans = startAppendSpans(events, commandSpans);
    const encoded = events.map((event, index) =>
      encodeEvent(event, ordinalOf(events, index), spans.get(event.commandId)?.traceparent, seal),
    );
    const append = async () => {
      const newRevision = await this.appendEncoded(accountId, revision, encoded, notAfter?.getTime());
      this.lastAppended = { accountId, revision: newRevision, eventId: encoded.at(-1)!.id };
      return newRevision;
    };
    return spans.size === 0 ? append() : withSpans(spans.values(), append);
  }

  /**
   * Whether an account's stream has this event. A stream that was truncated behind it, or tombstoned, may have had it.
   * @throws EventStoreUnavailableError
   */
  async mayContain(event: {
    readonly accountId: string;
    readonly revision: bigint;
    readonly eventId: string;
  }): Promise<boolean> {
    const stream = streamOf(event.accountId);
    const options = { fromRevision: event.revision, requiresLeader: true };
    try {
      const found = await this.client.use((client) => readFirst(client, stream, options));
      return found !== undefined && (found.revision > event.revision || found.id === event.eventId);
    } catch (error) {
      if (error instanceof StreamDeletedError) return true;
      if (!(error instanceof StreamNotFoundError)) throw error;
      return this.client.use((client) => hasMetadata(client, stream));
    }
  }

  private async appendEncoded(
    accountId: string,
    revision: bigint | undefined,
    events: EventData[],
    notAfter = Number.POSITIVE_INFINITY,
  ): Promise<bigint> {
    const { timeoutMs, attempts } = this.retryPolicy;
    const stream = streamOf(accountId);
    let backoff: Backoff | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = performance.now();
      try {
        const deadline = new Date(Math.min(this.now() + APPEND_DEADLINE_MS, notAfter));
        const append = { stream, revision, events, deadline };
        const newRevision = await this.client.use((_, appends) => appends.append(append, timeoutMs));
        this.metrics?.appended(startedAt, events.length);
        return newRevision;
      } catch (error) {
        if (error instanceof WrongExpectedVersionError) {
          this.metrics?.failed('conflict');
          const { actualVersion } = error;
          throw new ConcurrencyError(
            `account ${accountId} was changed by another writer`,
            typeof actualVersion === 'bigint' ? actualVersion : undefined,
          );
        }
        if (error instanceof StreamDeletedError) throw new StreamTombstonedError(accountId);
        this.metrics?.failed('unclear');
        if (attempt === attempts || this.now() > notAfter) {
          const message = `no clear response to an append after ${attempt} attempts, the last failed with ${reasonOf(error)}; ${CONNECTION_HINT}`;
          throw new EventStoreUnavailableError(message, { cause: error });
        }
        await (backoff ??= new Backoff(FIRST_DELAY_MS, MAX_DELAY_MS)).wait();
      }
    }
  }
}

const notOfStream = (accountId: string, revision: bigint | undefined) =>
  new AccountNotOfStreamError(
    `the stream of ${accountId} does not have the expected event at revision ${revision}`,
  );

async function readFirst(
  client: EventStoreDBClient,
  stream: string,
  options: ReadStreamOptions,
): Promise<RecordedEvent | undefined> {
  let first: RecordedEvent | undefined;
  for await (const events of readStream(client, stream, { ...options, maxCount: 1 })) first ??= events[0];
  return first;
}

/** A stream that was deleted and not tombstoned is not found either, but it has metadata. */
const hasMetadata = (client: EventStoreDBClient, stream: string): Promise<boolean> =>
  readFirst(client, `$$${stream}`, { requiresLeader: true }).then(
    (metadata) => metadata !== undefined,
    (error: unknown) => {
      if (error instanceof StreamNotFoundError) return false;
      throw error;
    },
  );

/** Names the client's errors by their type, because they may have no message. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && isCommandError(error)
    ? `${error.type}${error.message && `: ${error.message}`}`
    : String(error);

/** The index of an event among the events of its own command. */
function ordinalOf(events: readonly InvitationEvent[], index: number): number {
  const { commandId } = events[index]!;
  return events.slice(0, index).filter((event) => event.commandId === commandId).length;
}
