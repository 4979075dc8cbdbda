import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { closeEventStore, connectEventStore, streamOf } from '#libs/event-store';
import { until } from '../../support/until.js';
import { startService, type Service } from './service.js';

let service: Service;

beforeAll(async () => {
  service = await startService({
    commandApp: true,
    stopsKafka: true,
    env: { COMMAND_TIMEOUT: 'PT2S', RATE_SEND: '3/PT1H' },
  });
}, 300_000);
afterAll(() => service.stop());

async function send(key: string): Promise<Response> {
  return fetch(`${service.url}/v1/invitations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await service.token('ann')}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ recipientId: 'bob', message: 'Shall we connect?' }),
  });
}

/** Returns the ids of the commands by which the account has sent invitations, in the order of its stream. */
async function sendsInStream(): Promise<string[]> {
  const client = connectEventStore(service.eventStoreUrl);
  const commands: string[] = [];
  for await (const { event } of client.readStream(streamOf('ann'))) {
    if (event?.type === 'InvitationSent') commands.push((event.metadata as { commandId: string }).commandId);
  }
  await closeEventStore(client);
  return commands;
}

describe('the api while Kafka is down', () => {
  it('responds with 503 and Retry-After; a retry with the same key loses and repeats nothing (D10)', async () => {
    const db = new Client(service.databaseUrl);
    await db.connect();
    await db.query(
      "INSERT INTO read_models.members VALUES ('bob', 'Bob', '', '', 'bob@network.example', true)",
    );
    await db.end();
    const [before, meanwhile] = [randomUUID(), randomUUID()];
    expect((await send(before)).status).toBe(201);

    await service.stopKafka();
    // More often than the limit, because a command that was not published does not count.
    for (let n = 0; n < 4; n += 1) {
      const response = await send(meanwhile);
      expect([response.status, await response.json()]).toEqual([
        503,
        expect.objectContaining({ code: 'UNAVAILABLE' }),
      ]);
      expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expect(await sendsInStream()).toEqual([before]);

    await service.startKafka();
    await until(
      async () => (await send(meanwhile)).status === 201,
      60_000,
      'the invitation that was tried again',
      500,
    );
    const again = await send(meanwhile);
    expect([again.status, await again.json()]).toEqual([
      201,
      { invitationId: `ann.${meanwhile}`, commandId: meanwhile },
    ]);
    expect(await sendsInStream()).toEqual([before, meanwhile]);
    expect(service.api.ended).toBeUndefined();
  });
});
