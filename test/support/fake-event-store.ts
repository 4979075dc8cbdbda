import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Server, ServerCredentials, type ServerDuplexStream, type ServerWritableStream } from '@grpc/grpc-js';
import { BATCH_APPEND } from '../../libs/event-store/src/wire/append-codec.js';
import { READ } from '../../libs/event-store/src/wire/read-codec.js';

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;
export type AppendCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

interface Message {
  serializeBinary(): Uint8Array;
}
interface MessageClass<Type extends Message> {
  deserializeBinary(bytes: Uint8Array): Type;
}

/** A call of the protocol, of which only the server's side is used. */
const callOf = <Request extends Message, Response extends Message>(
  path: string,
  requests: MessageClass<Request>,
  responses: MessageClass<Response>,
  requestStream: boolean,
) => ({
  path,
  requestStream,
  responseStream: true,
  requestSerialize: (request: Request) => Buffer.from(request.serializeBinary()),
  requestDeserialize: (bytes: Buffer) => requests.deserializeBinary(bytes),
  responseSerialize: (response: Response) => Buffer.from(response.serializeBinary()),
  responseDeserialize: (bytes: Buffer) => responses.deserializeBinary(bytes),
});

/** The calls that our code makes, so far as these tests look at them. */
const SERVICE = {
  read: callOf(READ, streams.ReadReq, streams.ReadResp, false),
  batchAppend: callOf(BATCH_APPEND, streams.BatchAppendReq, streams.BatchAppendResp, true),
};

/** A server that speaks the event store's protocol, and answers each call as a test says. */
export class FakeEventStore {
  /** Known once it has started. */
  port = 0;
  private readonly server = new Server();

  constructor(
    private readonly answers: {
      readonly read?: (call: ReadCall) => void;
      readonly batchAppend?: (call: AppendCall) => void;
    },
  ) {}

  /** @returns the connection string */
  async start(): Promise<string> {
    this.server.addService(SERVICE, this.answers);
    this.port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

/** An event of one account at a commit position, as a response to a read. */
export function eventAt(position: number): streams.ReadResp {
  const { RecordedEvent } = streams.ReadResp.ReadEvent;
  const name = new shared.StreamIdentifier().setStreamName(Buffer.from('account-00-anna').toString('base64'));
  const event = new RecordedEvent()
    .setId(new shared.UUID().setString('00000000-0000-4000-8000-000000000000'))
    .setStreamIdentifier(name)
    .setStreamRevision(String(position - 1))
    .setPreparePosition(String(position))
    .setCommitPosition(String(position))
    .setData(Buffer.from('{}'));
  event
    .getMetadataMap()
    .set('type', 'InvitationSent')
    .set('created', '0')
    .set('content-type', 'application/json');
  return new streams.ReadResp().setEvent(new streams.ReadResp.ReadEvent().setEvent(event));
}
