import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TOPICS, type EventType } from '../../libs/contracts/src/index.js';
import { startEventStore } from '../../libs/dev-servers/src/eventstore/start.js';
import {
  accountEvents,
  AccountRepository,
  connectEventStore,
  type EventStoreDBClient,
} from '../../libs/event-store/src/index.js';
import type { InvitationEvent } from '../../libs/invitation/src/index.js';
import type { Incoming } from '../../libs/kafka/src/index.js';
import { event, message, profile } from './messages.js';
import { ledgerUnderTest, notificationUnderTest, until } from './notification-under-test.js';
import { SmtpStub } from './smtp-stub.js';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/apps/notification/src/ledger.main.js');

/** What is published of an event, and for whom. */
const PUBLIC: Partial<Record<InvitationEvent['type'], readonly [string, EventType]>> = {
  InvitationSent: [TOPICS.sent, 'invitations.sent.v1'],
  InvitationReminderDue: [TOPICS.reminderDue, 'invitations.reminder-due.v1'],
  InvitationReplied: [TOPICS.replied, 'invitations.replied.v1'],
  InvitationAccepted: [TOPICS.accepted, 'invitations.accepted.v1'],
};

interface Shown {
  readonly isWhole: boolean;
  readonly entries: readonly {
    readonly event: string;
    readonly eventId: string;
    readonly mail?: { readonly kind: string; readonly state: string; readonly reason: string | null } | null;
    readonly why?: { readonly rule?: string };
    readonly silence?: readonly { readonly rule: string }[];
  }[];
}

let dataDir: string;
let store: Awaited<ReturnType<typeof startEventStore>>;
let ledger: Awaited<ReturnType<typeof ledgerUnderTest>>;
let client: EventStoreDBClient;
const stub = new SmtpStub();
let app: ReturnType<typeof notificationUnderTest>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ledger-tool-'));
  [store, ledger] = await Promise.all([
    startEventStore({ dataDir: join(dataDir, 'events') }),
    ledgerUnderTest(),
    stub.start(),
  ]);
  client = connectEventStore(store.addresses.url);
  app = notificationUnderTest(ledger.pool, stub.url, { times: { pollMs: 50 } });
  app.sender.start();
}, 60_000);
beforeEach(async () => {
  stub.reset();
  await ledger.clear();
  await app.intake.handle([profile('amal'), profile('bilal')]);
});
afterAll(async () => {
  await app.stop();
  await client.dispose();
  await Promise.all([store.stop(), ledger.stop(), stub.stop()]);
  await rm(dataDir, { recursive: true });
}, 60_000);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function runTool(args: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: ledger.url, ...more };
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}
const tool = (...args: string[]) => runTool(args, { EVENTSTORE_URL: store.addresses.url });

let member = 0;
/** An account of its own for each story. */
const account = async () => {
  const id = `amal-${(member += 1)}`;
  await app.intake.handle([profile(id)]);
  return id;
};

/** Appends events an hour apart, and gives the app what is published of them, under the ids that the store knows. */
async function happen(
  inviterId: string,
  types: readonly InvitationEvent['type'][],
  changes: Partial<Record<InvitationEvent['type'], object>> = {},
): Promise<string> {
  const invitationId = `${inviterId}.${randomUUID()}`;
  const about = { invitationId, inviterId, recipientId: 'bilal' };
  const events = types.map((type, hours) => ({
    type,
    commandId: randomUUID(),
    at: new Date(Date.UTC(2026, 0, 1, hours)).toISOString(),
    ...about,
    ...(type === 'InvitationReplied' ? { message: 'a private word' } : {}),
    ...(type === 'InvitationAccepted' ? { via: 'site' } : {}),
    ...(type === 'InvitationReminderDue' ? { ordinal: 1, validUntil: '2999-01-01T00:00:00.000Z' } : {}),
    ...changes[type],
  })) as InvitationEvent[];
  const repository = new AccountRepository(client);
  const { revision } = await repository.read(inviterId);
  await repository.append(inviterId, revision, events);
  const published: Incoming[] = [];
  for await (const { id, event: stored } of accountEvents(client, inviterId)) {
    const [topic, type] = PUBLIC[stored.type] ?? [];
    if (topic === undefined || type === undefined || !('invitationId' in stored)) continue;
    const { type: _type, commandId: _command, ...data } = stored;
    published.push(event(topic, type, 'bilal', data, id));
  }
  // One after the other, as they happened.
  for (const one of published) {
    await app.intake.handle([one]);
    await settled();
  }
  return invitationId;
}

const settled = () =>
  until(
    async () =>
      (await ledger.pool.query(`SELECT FROM notification.deliveries WHERE state IN ('queued', 'sending')`))
        .rowCount,
    (count) => count === 0,
  );

const shown = async (invitationId: string) => JSON.parse((await tool(invitationId, '--json')).out) as Shown;

/** Each event with what became of its mail, or the rules by which there is none. */
const inShort = ({ entries }: Shown) =>
  entries.map(({ event: type, mail, why, silence }) => [
    type,
    ...(mail
      ? [mail.kind, mail.state, ...(mail.reason === null ? [] : [mail.reason, why?.rule ?? '-'])]
      : []),
    ...(silence ?? []).map(({ rule }) => rule),
  ]);

describe('npm run mail:ledger, one invitation', () => {
  it('shows every mail, and each rightful silence with the number of its rule', async () => {
    const id = await happen(await account(), [
      'InvitationSent',
      'InvitationReminderDue',
      'InvitationIgnored',
      'InvitationDeclined',
      'InvitationWithdrawn',
    ]);
    expect(inShort(await shown(id))).toEqual([
      ['InvitationSent', 'invitation', 'sent'],
      ['InvitationReminderDue', 'reminder', 'sent'],
      ['InvitationIgnored', 'R20', 'R22'],
      ['InvitationDeclined', 'R30', 'R25', 'D6'],
      ['InvitationWithdrawn', 'R33'],
    ]);
    const { out } = await tool(id);
    expect(out).toContain('invitation to bilal: sent');
    expect(out).toContain('nobody is told (R20)');
    expect(out).not.toContain('@');
  });

  it('tells of replies and acceptances, and why a member got none (R8, R13)', async () => {
    const inviter = await account();
    const none = [false, true, false, false, true];
    await ledger.pool.query(
      'INSERT INTO notification.email_preferences VALUES ($1, true, $2, $3, $4, $5), ($6, true, $7, true, true, true)',
      [inviter, ...none.slice(1), 'bilal', none[0]],
    );
    const id = await happen(inviter, ['InvitationSent', 'InvitationReplied', 'InvitationAccepted']);
    expect(inShort(await shown(id))).toEqual([
      ['InvitationSent', 'invitation', 'suppressed', 'PREFERENCE', 'R8'],
      ['InvitationReplied', 'reply', 'sent'],
      ['InvitationAccepted', 'acceptance', 'suppressed', 'PREFERENCE', 'R13'],
    ]);
    expect((await tool(id)).out).not.toContain('private');
  });

  it('tells of a follow-up, on either side of it (D2)', async () => {
    const inviter = await account();
    const first = await happen(inviter, ['InvitationSent']);
    const second = await happen(inviter, ['InvitationSent'], { InvitationSent: { supersedes: first } });
    expect(inShort(await shown(first))).toEqual([
      ['InvitationSent', 'invitation', 'sent'],
      ['InvitationSent', 'D2', 'D6'],
    ]);
    expect(inShort(await shown(second))).toEqual([
      ['InvitationSent', 'invitation', 'suppressed', 'TOO_SOON', 'R9'],
    ]);
    expect((await tool(second)).out).toContain('INVITATION_MAIL_INTERVAL');
  });

  it('tells of reminders that were no longer due, and of a connection the other way round (D6, D8)', async () => {
    const inviter = await account();
    const id = await happen(inviter, ['InvitationSent', 'InvitationReplied', 'InvitationReminderDue']);
    expect(inShort(await shown(id)).at(-1)).toEqual([
      'InvitationReminderDue',
      'reminder',
      'suppressed',
      'ANSWERED',
      'D6',
    ]);
    await happen(inviter, ['ConnectionRecorded'], {
      ConnectionRecorded: {
        at: '2026-01-02T00:00:00.000Z',
        accountId: inviter,
        memberId: 'bilal',
        through: `bilal.${randomUUID()}`,
        closes: id,
      },
    });
    expect(inShort(await shown(id)).at(-1)).toEqual(['ConnectionRecorded', 'D8']);
  });

  it('tells of a mail that is due and not in the ledger', async () => {
    const id = await happen(await account(), ['InvitationSent']);
    await ledger.pool.query('TRUNCATE notification.deliveries');
    expect(await shown(id)).toMatchObject({ entries: [{ event: 'InvitationSent', mail: null }] });
    expect((await tool(id)).out).toContain('not in the ledger yet');
  });

  it('says without the event store what it cannot know', async () => {
    const id = await happen(await account(), ['InvitationSent', 'InvitationIgnored']);
    const { out } = await runTool([id]);
    expect(out).toContain('invitation to bilal: sent');
    expect(out).not.toContain('InvitationIgnored');
    expect(out).toMatch(/Without EVENTSTORE_URL .*R20.*R30.*R33/s);
    expect(JSON.parse((await runTool([id, '--json'])).out)).toMatchObject({ isWhole: false });
  });

  it.each(['amal.3f0c8a52-6a0f-4a35-9f0e-5b1c6f1d2e3a', 'nonsense'])(
    'knows nothing of %s, and says so',
    async (id) => {
      expect(await tool(id)).toEqual({ code: 1, out: '', err: 'mail:ledger: there is no such invitation\n' });
      expect(await runTool([id])).toMatchObject({ code: 1, err: expect.stringContaining('EVENTSTORE_URL') });
    },
  );

  it('says in one line that a server is not there', async () => {
    const { code, err } = await runTool(['summary'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect([code, err.trimEnd().split('\n')]).toEqual([1, [expect.stringContaining('ECONNREFUSED')]]);
  });

  it.each([
    [],
    ['resend', 'x', 'reply'],
    ['resend', randomUUID(), 'praise'],
    ['dead-letters', 'redrive'],
    ['x', 'y'],
  ])('is called wrongly: %s', async (...args) => {
    expect((await tool(...args)).code).toBe(2);
  });
});

describe('npm run mail:ledger, by hand', () => {
  /** An e-mail of which nobody can tell whether it was taken. */
  async function inDoubt() {
    stub.script.end = 'drop';
    const id = await happen(await account(), ['InvitationSent']);
    stub.script.end = '250 ok';
    return { id, eventId: (await shown(id)).entries[0]!.eventId };
  }

  it('sums up, and names what is of unknown outcome', async () => {
    const { eventId } = await inDoubt();
    const { out } = await tool('summary');
    expect(out).toMatch(/^invitation +unknown +CONNECTION_LOST +1$/m);
    expect(out).toContain(`  ${eventId} invitation to bilal, since `);
    expect(JSON.parse((await tool('summary', '--json')).out)).toMatchObject({
      counts: [{ kind: 'invitation', state: 'unknown', count: 1 }],
      oldestQueued: null,
      unknown: [{ eventId }],
    });
  });

  it('sends what is of unknown outcome again, under its Message-ID, and nothing else', async () => {
    const { id, eventId } = await inDoubt();
    expect(await tool('resend', eventId, 'invitation')).toMatchObject({ code: 0 });
    await settled();
    expect(inShort(await shown(id))).toEqual([['InvitationSent', 'invitation', 'sent']]);
    const ids = stub.mails.map((mail) => /^Message-ID:\s+(\S+)/m.exec(mail)![1]);
    expect(ids).toEqual([`<${id}.invitation@network.example>`, `<${id}.invitation@network.example>`]);
    expect(await tool('resend', eventId, 'invitation')).toEqual({
      code: 1,
      out: '',
      err: 'mail:ledger: it is sent: only what is of unknown outcome is sent again\n',
    });
    expect((await tool('resend', randomUUID(), 'reply')).err).toContain('has no reply e-mail of event');
  });

  it('suppresses an address, and lifts that', async () => {
    expect((await tool('bounce', 'bilal')).code).toBe(0);
    const id = await happen(await account(), ['InvitationSent']);
    expect(inShort(await shown(id))).toEqual([
      ['InvitationSent', 'invitation', 'suppressed', 'ADDRESS_BOUNCED', '-'],
    ]);
    expect((await tool('unbounce', 'bilal@EXAMPLE.com')).code).toBe(0);
    expect(await tool('unbounce', 'bilal')).toMatchObject({
      code: 1,
      err: 'mail:ledger: this address is not suppressed\n',
    });
    expect((await tool('bounce', 'nobody')).err).toContain('has told of no member nobody');
    const other = await happen(await account(), ['InvitationSent']);
    expect(inShort(await shown(other))).toEqual([['InvitationSent', 'invitation', 'sent']]);
  });
});

describe('npm run mail:ledger dead-letters', () => {
  /** As it was set aside by a version that could not read it. */
  async function setAside(one: Incoming) {
    await app.intake.handle([{ ...one, value: Buffer.from('not yet readable \u001b[2J') }]);
    await ledger.pool.query('UPDATE notification.dead_letters SET value = $1 WHERE position = $2', [
      one.value,
      one.offset,
    ]);
    return `${one.topic}/0@${one.offset}`;
  }
  const invited = () => {
    const data = { inviterId: 'amal', recipientId: 'bilal', at: '2026-01-01T00:00:00.000Z' };
    return event(TOPICS.sent, 'invitations.sent.v1', 'bilal', {
      ...data,
      invitationId: `amal.${randomUUID()}`,
      message: 'a private word',
    });
  };

  it('lists and shows', async () => {
    expect((await tool('dead-letters', 'list')).out).toBe('no dead letters\n');
    const place = await setAside(invited());
    const { out } = await tool('dead-letters', 'list');
    expect(out).toContain(place);
    expect(out).toContain('1 dead letter\n');
    expect(out).not.toContain('private');
    expect(JSON.parse((await tool('dead-letters', 'list', '--json')).out)).toMatchObject([
      { place, type: 'invitations.sent.v1', redrivenAt: null },
    ]);
    expect((await tool('dead-letters', 'show', place)).out).toMatch(/key: bilal\nvalue: \n.*a private word/s);
    expect(await tool('dead-letters', 'show', 'invitations.sent/0@999999')).toMatchObject({ code: 1 });
  });

  it('handles again what can be read by now, once', async () => {
    const place = await setAside(invited());
    expect((await tool('dead-letters', 'redrive', '--all', '--dry-run')).out).toContain(
      `${place} would be handled`,
    );
    expect(stub.mails).toEqual([]);
    expect((await tool('dead-letters', 'redrive', place)).out).toContain('1 re-driven, 0 left alone');
    await until(
      () => stub.mails.length,
      (count) => count === 1,
    );
    expect((await tool('dead-letters', 'redrive', '--all')).out).toBe('0 re-driven, 0 left alone\n');
    // Even if it is told to: the ledger knows the event.
    expect((await tool('dead-letters', 'redrive', place)).code).toBe(0);
    await settled();
    expect(stub.mails).toHaveLength(1);
  });

  it('leaves alone what is still wrong, and profiles: newer ones may have come', async () => {
    await app.intake.handle([
      message(TOPICS.sent, 'bilal', 'no JSON'),
      message(TOPICS.profiles, 'amal', 'no JSON'),
    ]);
    const { out, code } = await tool('dead-letters', 'redrive', '--all');
    expect(out).toContain('is still not what its topic carries');
    expect(out).toContain('is a profile: the profile service publishes it anew');
    expect(out).toContain('0 re-driven, 2 left alone');
    expect(code).toBe(0);
  });
});

describe('docs/mail.md', () => {
  it('names commands that run', async () => {
    const { id, eventId } = await (async () => {
      stub.script.end = 'drop';
      const id = await happen(await account(), ['InvitationSent']);
      stub.script.end = '250 ok';
      return { id, eventId: (await shown(id)).entries[0]!.eventId };
    })();
    await app.intake.handle([message(TOPICS.sent, 'bilal', 'no JSON')]);
    const [letter] = JSON.parse((await tool('dead-letters', 'list', '--json')).out) as { place: string }[];
    const text = await readFile(join(ROOT, 'docs/mail.md'), 'utf8');
    const commands = [...text.matchAll(/^npm run mail:ledger -- (.*?)(?: +#.*)?$/gm)].map(
      ([, command]) => command!,
    );
    expect(commands.length).toBeGreaterThan(8);
    for (const command of commands) {
      const args = command
        .replace('<invitation id>', id)
        .replace('<event id>', eventId)
        .replace('<place>', letter!.place)
        .split(' ');
      // A dead letter that is none of these days' is still wrong: to say so is all that redriving one by name can do.
      const expected = command === 'dead-letters redrive <place>' ? 1 : 0;
      expect([command, (await tool(...args)).code]).toEqual([command, expected]);
    }
  }, 60_000);
});
