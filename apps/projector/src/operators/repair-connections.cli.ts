import { setTimeout as sleep } from 'node:timers/promises';
import { Topics } from '#libs/contracts';
import { readAccountStream } from '#libs/event-store';
import { Producer, TopicsConfig } from '#libs/kafka';
import { loadConfig } from '#libs/platform';
import {
  findOneSidedConnections,
  lacksConnection,
  type OneSidedConnection,
  type ReadAccount,
} from '#libs/read-models';
import { toCommandMessage } from '../command-message.js';
import { createRepairCommand } from '../record-connections/record-connection.process-manager.js';
import { loadKafka, withStore } from './connections.js';

const POLL_MS = 500;

/**
 * `projections repair-connections`: finds connections that are recorded on one side only, issues their commands again,
 * and waits until they are recorded. Publishes nothing if there are none.
 * @throws an error for the operator if some connections are not recorded in time
 */
export async function runRepairConnections(
  { dryRun = false, wait }: { readonly dryRun?: boolean; readonly wait: string },
  print: (line: string) => void,
): Promise<void> {
  const waitMs = Number(wait) * 1_000;
  if (!Number.isFinite(waitMs)) throw new Error('--wait must be a number of seconds');
  // Also for a dry run: a missing KAFKA_BROKERS is reported before the search.
  const kafka = loadKafka(3);
  const topics = new Topics(loadConfig(TopicsConfig).TOPIC_PREFIX);
  await withStore(async (pool, client) => {
    const readAccount: ReadAccount = (accountId) => readAccountStream(client, accountId);
    const { oneSided, unclear } = await findOneSidedConnections(pool, readAccount);
    if (unclear > 0)
      print(`${unclear} skipped: one of their accounts has an event that this version cannot read`);
    if (oneSided.length === 0) return print('no connection is recorded on one side only');
    for (const { inviterId, recipientId, invitationId } of oneSided)
      print(`${recipientId} accepted ${invitationId} and is not recorded as connected with ${inviterId}`);
    if (dryRun) return print(`${oneSided.length} would be repaired`);
    const now = new Date();
    const producer = new Producer(kafka);
    try {
      await producer.connect();
      await producer.send(
        oneSided.map((one) => toCommandMessage(topics, createRepairCommand(one, now), now)),
      );
    } finally {
      await producer.disconnect();
    }
    const unrecorded = await waitUntilRecorded(oneSided, readAccount, waitMs);
    print(`${oneSided.length - unrecorded.length} of ${oneSided.length} repaired`);
    if (unrecorded.length > 0) {
      throw new Error(
        `the commands for ${unrecorded.map(({ recipientId }) => recipientId).join(', ')} were published, but their connections are not recorded yet: ` +
          'check that the command app runs, and run dead-letters list --type record-connection',
      );
    }
  });
}

/** @returns the connections that are not recorded in time */
async function waitUntilRecorded(
  connections: readonly OneSidedConnection[],
  readAccount: ReadAccount,
  waitMs: number,
): Promise<readonly OneSidedConnection[]> {
  let remaining = connections;
  for (const deadline = Date.now() + waitMs; ; await sleep(POLL_MS)) {
    const missing: OneSidedConnection[] = [];
    for (const one of remaining) if (await lacksConnection(one, readAccount)) missing.push(one);
    remaining = missing;
    if (remaining.length === 0 || Date.now() >= deadline) return remaining;
  }
}
