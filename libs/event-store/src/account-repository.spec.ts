import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStoreDBClient } from '@eventstore/db-client';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Metadata, status } from '@grpc/grpc-js';
import { FakeEventStore, type AppendCall, type ReadCall } from '../../../test/support/fake-event-store.js';
import { sent } from '../../../test/support/story.js';
import { AccountRepository } from './account-repository.js';
import { connectEventStore } from './connection/connection.js';
import { closeEventStore } from './wire/response-timeout.js';

/** A node of a cluster: a follower refuses what requires the leader, and names it. */
class Node extends FakeEventStore {
  /** What was asked of it, and whether the leader was required. */
  readonly asked: string[] = [];

  constructor(private readonly leader?: Node) {
    super({ read: (call) => this.read(call), batchAppend: (call) => this.append(call) });
  }

  private read(call: ReadCall): void {
    if (this.isRefused('read', call)) return;
    call.end();
  }

  private append(call: AppendCall): void {
    if (this.isRefused('append', call)) return;
    call.on('error', () => undefined);
    call.on('data', (append: streams.BatchAppendReq) => {
      const success = new streams.BatchAppendResp.Success().setCurrentRevision('0');
      const id = append.getCorrelationId()!;
      call.write(new streams.BatchAppendResp().setCorrelationId(id).setSuccess(success));
    });
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
