import { Readable } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import type { ClientInternals } from '../../../libs/event-store/src/wire/client-internals.js';
import type { LogEntry } from '../../../libs/event-store/src/wire/read-codec.js';

type Call = Readable & { cancel(): void };

/**
 * Wraps a client so that each subscription ends after a number of events, as EventStoreDB ends those of a slow
 * consumer.
 */
export function endingSubscriptions(client: EventStoreDBClient, every: number): EventStoreDBClient {
  const internals = client as unknown as ClientInternals;
  const intercepted: Pick<ClientInternals, 'GRPCStreamCreator'> = {
    GRPCStreamCreator(stub, name, call) {
      const open = internals.GRPCStreamCreator(stub, name, call);
      if (name !== 'subscribeToAll') return open;
      return async () =>
        ended((await open()) as unknown as Call, every) as unknown as ReturnType<typeof call>;
    },
  };
  return Object.assign(Object.create(client) as EventStoreDBClient, intercepted);
}

function ended(call: Call, every: number): Call {
  async function* events() {
    let left = every;
    for await (const entry of call as AsyncIterable<LogEntry>) {
      yield entry;
      if (entry.event !== undefined) left -= 1;
      if (left === 0) throw tooSlow();
    }
  }
  return Object.assign(Readable.from(events()), { cancel: () => call.cancel() });
}

const tooSlow = () =>
  Object.assign(new Error('10 ABORTED: Operation timed out: Consumer too slow to handle event while live.'), {
    code: status.ABORTED,
    details:
      'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
  });
