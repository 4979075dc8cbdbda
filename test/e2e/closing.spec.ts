import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { TOPICS } from '#libs/contracts';
import { closeEventStore, connectEventStore, encodeEvent, streamOf } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import { endStandalone, newFolder, startStandalone, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';

type Response = 'Replied' | 'Ignored' | 'Restored' | 'Declined';

/** What recipients did with the invitations that are open when the account is closed, as far as its owner could know. */
const RESPONSES: readonly (readonly Response[])[] = [
  [],
  ['Replied'],
  ['Ignored'],
  ['Ignored', 'Restored'],
  ['Ignored', 'Declined'],
];
const WERE_INVITED = 25;
const HAVE_INVITED = 5;

interface Parties {
  readonly inviterId: string;
  readonly recipientId: string;
}

/** The events of an invitation, as its inviter's account has them. */
function invitation({ inviterId, recipientId }: Parties, ...responses: readonly string[]): InvitationEvent[] {
  const sendId = randomUUID();
  const at = new Date().toISOString();
  const ids = { invitationId: `${inviterId}.${sendId}`, inviterId, recipientId, at };
  return [
    { type: 'InvitationSent', commandId: sendId, ...ids },
    ...responses.map(
      (response) =>
        ({
          type: `Invitation${response}`,
          commandId: randomUUID(),
          ...ids,
          ...(response === 'Accepted' ? { via: 'site' } : {}),
          ...(response === 'Replied' ? { message: 'Who are you?' } : {}),
        }) as InvitationEvent,
    ),
  ];
}

/** Closing an account in the running service (D23). */
describe('an account that is closed', () => {
  const dir = newFolder();
  const named = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;
  const leaver = named('leaver');
  /** Has invited the leaver, who did not respond. */
  const hopeful = named('hopeful');
  /** Is a member whose profile was removed. */
  const removed = named('removed');
  const recipients = RESPONSES.map((_, n) => named(`recipient-${n}`));
  const connected = Array.from({ length: WERE_INVITED + HAVE_INVITED }, (_, n) => named(`connected-${n}`));
  /** The ids of the messages about the leaver: each may be published more than once. */
  const published = new Set<string>();
  let standalone: Standalone;
  let service: PublishingService;
  let database: Pool;
  let sentByHopeful: string;
  let publishedBefore: number;

  const member = (id: string) => MemberAtApi.of(standalone, id);

  async function carryOut(type: string, data: Record<string, string>): Promise<void> {
    expect(await service.ask(type, data)).toMatchObject({ outcome: 'accepted' });
  }

  async function append(accountId: string, events: readonly InvitationEvent[]): Promise<void> {
    const client = connectEventStore(standalone.endpoints.eventStore);
    try {
      await client.appendToStream(
        streamOf(accountId),
        events.map((event) => encodeEvent(event, 0)),
      );
    } finally {
      await closeEventStore(client);
    }
  }

  /** The events of some types in the accounts, as account and other member. */
  async function eventsOf(...types: string[]): Promise<string[]> {
    const client = connectEventStore(standalone.endpoints.eventStore);
    try {
      const found: string[] = [];
      for await (const { event } of client.readAll()) {
        if (event === undefined || !types.includes(event.type)) continue;
        const { accountId, inviterId, memberId, recipientId } = event.data as Record<string, string>;
        found.push(`${accountId ?? inviterId!} ${memberId ?? recipientId!}`);
      }
      return found;
    } finally {
      await closeEventStore(client);
    }
  }

  async function countRows(table: string, condition: string): Promise<number> {
    const { rows } = await database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM read_models.${table} WHERE ${condition}`,
      [leaver],
    );
    return rows[0]!.count;
  }

  const responseOf = async (id: string, path: string) => {
    const response = await (await member(id)).request('GET', path);
    return `${response.status} ${await response.text()}`;
  };

  const untilEvents = (count: number, ofAccount: (account: string) => boolean, ...types: string[]) =>
    until(
      async () =>
        (await eventsOf(...types)).filter((event) => ofAccount(event.split(' ')[0]!)).length >= count,
      120_000,
      `${count} of ${types.join(' and ')}`,
    );

  beforeAll(async () => {
    standalone = await startStandalone(dir, { REMINDER_POLL: 'PT0.1S' });
    service = await new PublishingService(standalone.endpoints.kafka).start();
    database = new Pool({ connectionString: standalone.endpoints.postgres });
    await service.listen([TOPICS.sent, TOPICS.accepted, TOPICS.replied, TOPICS.reminderDue], (message) => {
      if (String(message.value).includes(leaver)) published.add(String(message.headers?.['ce_id']));
    });
    await append(leaver, [
      ...recipients.flatMap((recipientId, n) =>
        invitation({ inviterId: leaver, recipientId }, ...RESPONSES[n]!),
      ),
      ...connected
        .slice(0, WERE_INVITED)
        .flatMap((recipientId) => invitation({ inviterId: leaver, recipientId }, 'Accepted')),
    ]);
    for (const inviterId of connected.slice(WERE_INVITED))
      await append(inviterId, invitation({ inviterId, recipientId: leaver }, 'Accepted'));
    await service.members(leaver, hopeful, removed);
    await service.untilKnown(leaver, removed);
    for (const recipientId of [leaver, removed]) await carryOut('send', { inviterId: hopeful, recipientId });
    await until(
      async () => (await countRows('connections', '$1 IN (member_id, other_id)')) === 2 * connected.length,
      120_000,
      'the connections on both sides',
    );
    await until(
      async () => (await (await member(hopeful)).list('sent')).length === 2,
      60_000,
      'the invitations of the hopeful member',
    );
    sentByHopeful = await responseOf(hopeful, '/v1/sent');
    // One of each invitation to and of the leaver, the probe's included, each acceptance, and the reply.
    const messages = recipients.length + 2 * connected.length + 3;
    await until(() => published.size >= messages, 60_000, 'the messages before the closing');
    publishedBefore = published.size;

    await carryOut('close-account', { accountId: leaver, operatorId: 'olga' });
    await standalone.killApp('projector');
    await untilEvents(1, (account) => account === leaver, 'InvitationClosed', 'ConnectionEnded');
    await standalone.killApp('projector');
    await untilEvents(1, (account) => account !== leaver, 'ConnectionEnded');
    await standalone.killApp('command');
    await standalone.killApp('projector');
    await untilEvents(recipients.length, () => true, 'InvitationClosed');
    await untilEvents(2 * connected.length, () => true, 'ConnectionEnded');
  }, 600_000);

  afterAll(async () => {
    await service?.stop();
    await database?.end();
    await endStandalone(dir);
  });

  it('closes each invitation once and ends each connection once on both sides, although apps are killed', async () => {
    expect((await eventsOf('InvitationClosed')).toSorted()).toEqual(
      recipients.map((recipientId) => `${leaver} ${recipientId}`).toSorted(),
    );
    expect((await eventsOf('ConnectionEnded')).toSorted()).toEqual(
      connected.flatMap((other) => [`${leaver} ${other}`, `${other} ${leaver}`]).toSorted(),
    );
  });

  it('leaves the lists of the others, their connections, and the reminders', async () => {
    await until(
      async () =>
        (await countRows('connections', '$1 IN (member_id, other_id)')) === 0 &&
        (await countRows('inbox', 'inviter_id = $1')) === 0 &&
        (await countRows('archive', 'inviter_id = $1')) === 0 &&
        (await countRows('reminders', `invitation_id LIKE $1 || '.%'`)) === 0,
      60_000,
      'the lists without the closed account',
    );
    for (const recipientId of recipients)
      for (const list of ['inbox', 'archive'] as const)
        expect(await (await member(recipientId)).list(list)).toEqual([]);
    for (const other of [connected[0]!, connected.at(-1)!])
      expect(await responseOf(other, '/v1/connections')).toMatch(/^200 \{"items":\[\]/);
    expect(await countRows('sent', `inviter_id = $1 AND status <> 'accepted'`)).toBe(0);
  });

  it('changes nothing in the list of a member whose invitation to it is open (D1)', async () => {
    expect(await responseOf(hopeful, '/v1/sent')).toBe(sentByHopeful);
  });

  it('is to others like a member whose profile was removed', async () => {
    await service.publish(TOPICS.profiles, [{ key: removed, value: null }]);
    const pageOf = async (path: string) => {
      const page = await (await member(hopeful)).page(path);
      return `${page.status} ${await page.text()}`;
    };
    await until(
      async () => (await pageOf(`/members/${removed}`)).startsWith('404'),
      60_000,
      'the profile removed',
    );
    const seen = async (id: string) => {
      const { commandId: _id, ...outcome } = await service.ask('send', {
        inviterId: hopeful,
        recipientId: id,
      });
      const pages = [await pageOf(`/members/${id}`), await pageOf(`/invite/${id}`)];
      return JSON.stringify({ outcome, pages }).replaceAll(id, 'MEMBER');
    };
    const like = await seen(removed);
    expect(await seen(leaver)).toBe(like);
    expect(like).toContain('RECIPIENT_UNAVAILABLE');
  });

  it('is published nowhere', () => {
    expect(published.size).toBe(publishedBefore);
  });
});
