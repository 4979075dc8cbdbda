import { AccountRepository, type EventStoreDBClient } from '#libs/event-store';
import { appendBehind } from './append-behind.js';
import type { Happened } from './society.js';

/** Appends under way at a time: the client streams them to the server, which answers in batches. */
const IN_FLIGHT = 1_000;
/** An event store on a busy machine takes its time; an append that is repeated is the same append. */
const PATIENCE = { timeoutMs: 60_000, attempts: 3 };

/**
 * Appends a history in its order, an append for each decision. Repeated, it changes nothing: the event store knows the
 * events by their ids and places. So what was interrupted is simply begun again.
 * @param passed is told how many events were appended since it was last told
 * @throws Conflict where an account has a history already, and another one; EventStoreUnavailable
 */
export async function loadHistory(
  client: EventStoreDBClient,
  history: Iterable<Happened>,
  passed: (events: number) => void,
): Promise<void> {
  const repository = new AccountRepository(client, PATIENCE);
  const accounts = new Map<string, Promise<bigint | undefined>>();
  const append = async ({ accountId, events }: Happened): Promise<void> => {
    // One after the other within an account: an append that had to be repeated must not find the next one done.
    const before = accounts.get(accountId) ?? Promise.resolve(undefined);
    // A connection comes after the acceptance in the other account, in the log as in time.
    const [first] = events;
    const cause = first?.type === 'ConnectionRecorded' ? accounts.get(first.memberId) : undefined;
    const appended = Promise.resolve(cause)
      .then(() => before)
      .then((revision) => appendBehind(repository, client, accountId, revision, events));
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
  // What is under way when one fails is waited for: after this the client may be closed.
  const ends = await Promise.allSettled(Array.from({ length: IN_FLIGHT }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
