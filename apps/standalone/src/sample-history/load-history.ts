import {
  AccountRepository,
  ConcurrencyError,
  readStream,
  streamOf,
  type EventStoreDBClient,
  type TextSealer,
} from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import type { DecidedEvents } from './simulator.js';

/** Maximum number of concurrent appends: the client streams them to the server, which responds in batches. */
const MAX_IN_FLIGHT = 1_000;
/** Generous, because an event store on a busy machine is slow. Repeating an append is idempotent. */
const RETRY_SETTINGS = { timeoutMs: 60_000, attempts: 3 };

/**
 * Appends a history in its order, one append for each decision. Repeating it changes nothing, because the event store
 * recognises events by their ids and revisions. So an interrupted load is simply repeated.
 * @param passed is called with the number of events appended since its last call
 * @param sealer encrypts the texts; without it they are stored as they are
 * @throws ConcurrencyError when an account already has another history; EventStoreUnavailable
 */
export async function loadHistory(
  client: EventStoreDBClient,
  history: Iterable<DecidedEvents>,
  passed: (events: number) => void,
  sealer?: TextSealer,
): Promise<void> {
  const repository = new AccountRepository(client, RETRY_SETTINGS, undefined, undefined, sealer);
  const accounts = new Map<string, Promise<LoadedAccount>>();
  const append = async ({ accountId, events }: DecidedEvents): Promise<void> => {
    // Sequential within an account: a repeated append must not find the next one already stored.
    const before = accounts.get(accountId) ?? Promise.resolve(NOTHING_LOADED);
    // A connection follows the acceptance in the other account, in the log as in time.
    const [first] = events;
    const cause = first?.type === 'ConnectionRecorded' ? accounts.get(first.memberId) : undefined;
    const appended = Promise.resolve(cause)
      .then(() => before)
      .then((account) => appendAfter(repository, client, accountId, account, events));
    accounts.set(accountId, appended);
    await appended;
    passed(events.length);
  };
  const rest = history[Symbol.iterator]();
  const failed = new AbortController();
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true && !failed.signal.aborted; next = rest.next()) {
      await append(next.value).catch((error: unknown) => {
        failed.abort();
        throw error;
      });
    }
  };
  // Waits for the appends in flight when one fails: afterwards the caller may close the client.
  const ends = await Promise.allSettled(Array.from({ length: MAX_IN_FLIGHT }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Events that the workers of a running service append to accounts when they process the history. */
const WORKER_EVENTS: ReadonlySet<string> = new Set<InvitationEvent['type']>([
  'ConnectionRecorded',
  'InvitationReminderDue',
]);

/** How far an account has been loaded. */
interface LoadedAccount {
  /** Of its last event; undefined before the first. */
  readonly revision: bigint | undefined;
  /** The commands whose events the workers have appended. They may be ahead: such an event of the history comes later. */
  readonly byWorkers: ReadonlySet<unknown>;
}

const NOTHING_LOADED: LoadedAccount = { revision: undefined, byWorkers: new Set() };

/**
 * Appends to an account after its last event, or after the events that the workers of a running service have appended
 * since. Events that they have already appended are skipped, by their command ids.
 * @throws ConcurrencyError when anybody else has appended
 */
async function appendAfter(
  repository: AccountRepository,
  client: EventStoreDBClient,
  accountId: string,
  { revision, byWorkers }: LoadedAccount,
  events: readonly InvitationEvent[],
): Promise<LoadedAccount> {
  let behind = revision;
  const done = new Set(byWorkers);
  for (;;) {
    const left = events.filter(({ commandId }) => !done.has(commandId));
    if (left.length === 0) return { revision: behind, byWorkers: done };
    try {
      return { revision: await repository.append(accountId, behind, left), byWorkers: done };
    } catch (error) {
      if (!(error instanceof ConcurrencyError)) throw error;
      const before = behind;
      const fromRevision = behind === undefined ? 0n : behind + 1n;
      for await (const batch of readStream(client, streamOf(accountId), { fromRevision })) {
        for (const { type, metadata, revision: last } of batch) {
          if (!WORKER_EVENTS.has(type)) throw error;
          done.add((metadata as { commandId?: unknown } | undefined)?.commandId);
          behind = last;
        }
      }
      // No event was added, so the stream is shorter than expected.
      if (behind === before) throw error;
    }
  }
}

/** Ten times the default of MAIL_MAX_AGE (D21). */
const MIN_AGE_MS = 30 * 24 * 60 * 60_000;

/**
 * Passes a history on as long as its events are old: a running service would send e-mails about recent events, and
 * these members do not exist.
 * @throws RangeError at the first recent event, which is not passed on
 */
export function* rejectRecentEvents(
  history: Iterable<DecidedEvents>,
  now: Date,
): Generator<DecidedEvents, void, void> {
  const latest = now.getTime() - MIN_AGE_MS;
  for (const happened of history) {
    const recent = happened.events.find(({ at }) => Date.parse(at) > latest);
    if (recent !== undefined) {
      throw new RangeError(
        `the history reaches ${recent.at}, and a running service may send e-mails about events that recent: use fewer --events`,
      );
    }
    yield happened;
  }
}
