import { Conflict, streamOf, type AccountRepository, type EventStoreDBClient } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';

/** What a service that runs has its own workers add to accounts, as they meet the history. */
const OF_WORKERS: ReadonlySet<string> = new Set<InvitationEvent['type']>([
  'ConnectionRecorded',
  'InvitationReminderDue',
]);

/**
 * Appends to an account behind `revision`, or behind what the workers of a running service have put there since. What
 * they have recorded already, by its command, is not appended again.
 * @returns the revision of the account's last event
 * @throws Conflict where anybody else has written
 */
export async function appendBehind(
  repository: AccountRepository,
  client: EventStoreDBClient,
  accountId: string,
  revision: bigint | undefined,
  events: readonly InvitationEvent[],
): Promise<bigint> {
  let behind = revision;
  let left = events;
  for (;;) {
    try {
      return await repository.append(accountId, behind, left);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      const before = behind;
      const fromRevision = behind === undefined ? 0n : behind + 1n;
      const done = new Set<unknown>();
      for await (const { event } of client.readStream(streamOf(accountId), { fromRevision })) {
        if (event === undefined || !OF_WORKERS.has(event.type)) throw error;
        done.add((event.metadata as { commandId?: unknown } | undefined)?.commandId);
        behind = event.revision;
      }
      // Not by them, then: the stream is shorter than it was.
      if (behind === before) throw error;
      left = left.filter(({ commandId }) => !done.has(commandId));
      if (left.length === 0) return behind!;
    }
  }
}
