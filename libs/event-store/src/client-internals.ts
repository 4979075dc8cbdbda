import type { Duplex, Readable } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';

/** The stub of the service, which is CommonJS whose exports cannot be named in an import. */
export const { StreamsClient } = streamsService;

/** What a client gives to its subclasses: a call on its connection, which it renews when the call breaks. */
export interface ClientInternals {
  GRPCStreamCreator<Call extends Duplex | Readable>(
    client: typeof StreamsClient,
    name: string,
    call: (stub: InstanceType<typeof StreamsClient>) => Call,
  ): () => Promise<Call>;
  callArguments(
    options: object,
    call: object,
  ): Required<Parameters<InstanceType<typeof StreamsClient>['batchAppend']>>;
}

export const internalsOf = (client: Pick<EventStoreDBClient, 'readAll'>): ClientInternals =>
  client as unknown as ClientInternals;
