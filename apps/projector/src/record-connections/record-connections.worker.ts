import type { CommandMessage, Topics } from '#libs/contracts';
import { decodeEvent, readAccountBatches, type RenewingClient } from '#libs/event-store';
import type { ProducerMessage } from '#libs/kafka';
import type { MessagePages } from '#libs/projection';
import { toCommandMessage } from '../command-message.js';
import type { ProjectionWorkers } from '../projection-workers.js';
import type { Worker } from '../workers.js';
import { reactToClosing, reactToEndedConnection } from './close-account.process-manager.js';
import { react } from './record-connection.process-manager.js';

/** The worker that issues the commands by which an event in one account takes effect in others: a connection, and its end. */
export function createConnectionRecorder(
  workers: ProjectionWorkers,
  topics: Topics,
  client: RenewingClient,
): Worker {
  const readAccount = (accountId: string) => readAccountBatches(client.current, accountId);
  return workers.messages(
    'record-connections',
    (event) => {
      const command = react(event) ?? reactToEndedConnection(event);
      return command && toCommandMessage(topics, command, new Date(), event.traceparent);
    },
    false,
    (raw) => {
      const pages = reactToClosing(raw, readAccount);
      return pages && toMessages(topics, pages, decodeEvent(raw).traceparent);
    },
  );
}

async function* toMessages(
  topics: Topics,
  pages: AsyncIterable<readonly CommandMessage[]>,
  traceparent: string | undefined,
): MessagePages<ProducerMessage> {
  for await (const page of pages)
    yield page.map((command) => toCommandMessage(topics, command, new Date(), traceparent));
}
