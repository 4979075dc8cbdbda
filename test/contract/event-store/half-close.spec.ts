import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Client, credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { GoogleEmpty, shared, streams } from '../../../libs/dev-servers/src/eventstore/protocol/stubs.js';
import { until } from '../../support/until.js';
import { collect, connectAroundTests, uniqueName } from './support.js';

const store = connectAroundTests();
const EVENTS = 20;

/** About 50 KB: less than the 64 KB that HTTP/2 sends before the server reads, so that the end follows at once. */
const APPENDS = 25;

type Call = ClientDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

/** A BatchAppend call without the client's own handling of it. */
async function withCall(use: (call: Call) => Promise<void>): Promise<void> {
  const { host } = new URL(store.url.replace('esdb:', 'http:'));
  const client = new Client(host, credentials.createInsecure());
  const call: Call = client.makeBidiStreamRequest(
    '/event_store.client.streams.Streams/BatchAppend',
    (request: streams.BatchAppendReq) => Buffer.from(request.serializeBinary()),
    (bytes: Buffer) => streams.BatchAppendResp.deserializeBinary(bytes),
  );
  call.on('error', () => undefined);
  try {
    await use(call);
  } finally {
    call.cancel();
    client.close();
  }
}

function append(stream: string): streams.BatchAppendReq {
  const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
  const events = Array.from({ length: EVENTS }, () => {
    const event = new streams.BatchAppendReq.ProposedMessage()
      .setId(new shared.UUID().setString(randomUUID()))
      .setData(Buffer.from('{}'));
    event.getMetadataMap().set('type', 'Tested').set('content-type', 'application/json');
    return event;
  });
  return new streams.BatchAppendReq()
    .setCorrelationId(new shared.UUID().setString(randomUUID()))
    .setOptions(
      new streams.BatchAppendReq.Options().setStreamIdentifier(identifier).setNoStream(new GoogleEmpty()),
    )
    .setProposedMessagesList(events)
    .setIsFinal(true);
}

/** Shows why such a call must not be half-closed. */
describe('a BatchAppend call that the client half-closes', () => {
  it('ends with OK after the next response and loses all other responses, although their events are stored', async () => {
    const names = Array.from({ length: APPENDS }, (_, n) => uniqueName(`half-closed-${n}`));
    await withCall(async (call) => {
      let answers = 0;
      call.on('data', () => answers++);
      const status = once(call, 'status') as Promise<[{ code: number }]>;
      for (const name of names) call.write(append(name));
      call.end();
      expect((await status)[0].code).toBe(0);
      expect(answers).toBeGreaterThan(0);
      expect(answers).toBeLessThan(APPENDS);
    });
    const isStored = (name: string) =>
      collect(store.client.readStream(name)).then(
        (found) => found.length === EVENTS,
        () => false,
      );
    for (const name of names) await until(() => isStored(name), 10_000, `the events of ${name}`);
  }, 30_000);

  it('does not end while no response is due', async () => {
    await withCall(async (call) => {
      const answered = once(call, 'data');
      call.write(append(uniqueName('before')));
      await answered;
      let isOver = false;
      call.on('status', () => (isOver = true));
      call.end();
      await pause(500);
      expect(isOver).toBe(false);
    });
  });
});
