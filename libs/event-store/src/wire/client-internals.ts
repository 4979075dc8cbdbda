import type { Duplex, Readable } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import usersService from '@eventstore/db-client/generated/users_grpc_pb.js';

/** The stub of the Streams service. Its module is CommonJS, whose exports cannot be named in an import. */
export const { StreamsClient } = streamsService;

/** The stub of the Users service, for which the client has no functions. */
export const { UsersClient } = usersService;

/** The functions that a client gives to its subclasses: a call on its connection, which it renews when a call breaks. */
export interface ClientInternals {
  GRPCStreamCreator<Call extends Duplex | Readable>(
    client: typeof StreamsClient,
    name: string,
    call: (stub: InstanceType<typeof StreamsClient>) => Call,
  ): () => Promise<Call>;
  /** Makes a call with one response. */
  execute<Stub, Response>(
    client: new (...args: never[]) => Stub,
    name: string,
    call: (stub: Stub) => Promise<Response>,
  ): Promise<Response>;
  callArguments(
    options: object,
    call: object,
  ): Required<Parameters<InstanceType<typeof StreamsClient>['batchAppend']>>;
}

export const internalsOf = (client: Pick<EventStoreDBClient, 'readAll'>): ClientInternals =>
  client as unknown as ClientInternals;

/** Formats a UUID that the server has encoded as two 64-bit numbers. */
export function formatStructuredUuid(bytes: Uint8Array): string {
  const numbers = shared.UUID.Structured.deserializeBinary(bytes);
  return [numbers.getMostSignificantBits(), numbers.getLeastSignificantBits()]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
