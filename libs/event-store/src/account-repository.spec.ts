import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStoreDBClient } from '@eventstore/db-client';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type ServerDuplexStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { sent } from '../../../test/support/story.js';
import { AccountRepository } from './account-repository.js';
import { BATCH_APPEND } from './wire/append-codec.js';
import { closeEventStore, connectEventStore } from './client.js';

import { READ } from './wire/read-codec.js';

type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;
type AppendCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

/** A node of a cluster: a follower refuses what requires the leader, and names it. */
class Node {
  private readonly server = new Server();
  /** What was asked of it, and whether the leader was required. */
  readonly asked: string[] = [];
  port = 0;

  constructor(private readonly leader?: Node) {}

  async start(): Promise<string> {
    this.server.addService(
      {
        read: {
          path: READ,
          requestStream: false,
          responseStream: true,
          requestSerialize: (message: streams.ReadReq) => Buffer.from(message.serializeBinary()),
          requestDeserialize: (bytes: Buffer) => streams.ReadReq.deserializeBinary(bytes),
          responseSerialize: (message: streams.ReadResp) => Buffer.from(message.serializeBinary()),
          responseDeserialize: (bytes: Buffer) => streams.ReadResp.deserializeBinary(bytes),
        },
        batchAppend: {
          path: BATCH_APPEND,
          requestStream: true,
          responseStream: true,
          requestSerialize: (message: streams.BatchAppendReq) => Buffer.from(message.serializeBinary()),
          requestDeserialize: (bytes: Buffer) => streams.BatchAppendReq.deserializeBinary(bytes),
          responseSerialize: (message: streams.BatchAppendResp) => Buffer.from(message.serializeBinary()),
          responseDeserialize: (bytes: Buffer) => streams.BatchAppendResp.deserializeBinary(bytes),
        },
      },
      {
        read: (call: ReadCall) => {
          if (this.isRefused('read', call)) return;
          call.end();
        },
        batchAppend: (call: AppendCall) => {
          if (this.isRefused('append', call)) return;
          call.on('error', () => undefined);
          call.on('data', (append: streams.BatchAppendReq) => {
            const success = new streams.BatchAppendResp.Success().setCurrentRevision('0');
            const id = append.getCorrelationId()!;
            call.write(new streams.BatchAppendResp().setCorrelationId(id).setSuccess(success));
          });
        },
      },
    );
    this.port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  private isRefused(what: string, call: ReadCall | AppendCall): boolean {
    const isRequired = call.metadata.get('requires-leader').includes('true');
    this.asked.push(isRequired ? `${what} of the leader` : what);
    if (this.leader === undefined || !isRequired) return false;
    const metadata = new Metadata();
    metadata.set('exception', 'not-leader');
    metadata.set('leader-endpoint-host', '127.0.0.1');
    metadata.set('leader-endpoint-port', String(this.leader.port));
    call.emit('error', { code: status.NOT_FOUND, details: 'Leader info available', metadata });
    return true;
  }
}

describe('AccountRepository with a client that is connected to a follower', () => {
  let leader: Node;
  let follower: Node;
  let client: EventStoreDBClient;
  let accounts: AccountRepository;

  beforeEach(async () => {
    leader = new Node();
    await leader.start();
    follower = new Node(leader);
    client = connectEventStore(await follower.start());
    accounts = new AccountRepository(client, { timeoutMs: 3_000, attempts: 3 });
  });
  afterEach(async () => {
    await closeEventStore(client);
    leader.stop();
    follower.stop();
  });

  it('reads from the leader', async () => {
    expect((await accounts.read('anna')).revision).toBeUndefined();
    expect(follower.asked).toEqual(['read of the leader']);
    expect(leader.asked).toEqual(['read of the leader']);
  });

  it('appends to the leader', async () => {
    expect(await accounts.append('anna', undefined, [sent(1)])).toBe(0n);
    expect(follower.asked).toEqual(['append of the leader']);
    expect(leader.asked).toEqual(['append of the leader']);
  });
});
