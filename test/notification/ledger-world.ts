import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
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
import { event, profile } from './messages.js';
import { ledgerUnderTest, notificationUnderTest, until } from './notification-under-test.js';
import { SmtpStub } from './smtp-stub.js';

export const ROOT = resolve(import.meta.dirname, '../..');
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
export let ledger: Awaited<ReturnType<typeof ledgerUnderTest>>;
let client: EventStoreDBClient;
export const stub = new SmtpStub();
export let app: ReturnType<typeof notificationUnderTest>;

/** An event store, a database, an SMTP server and the app between them, for the specs of a file. */
export function inLedgerWorld(): void {
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
  });
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
  });
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function runTool(args: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: ledger.url, ...more };
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}
export const tool = (...args: string[]) => runTool(args, { EVENTSTORE_URL: store.addresses.url });

let member = 0;
/** An account of its own for each story. */
export const account = async () => {
  const id = `amal-${(member += 1)}`;
  await app.intake.handle([profile(id)]);
  return id;
};

/** Appends events an hour apart, and gives the app what is published of them, under the ids that the store knows. */
export async function happen(
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

export const settled = () =>
  until(
    async () =>
      (await ledger.pool.query(`SELECT FROM notification.deliveries WHERE state IN ('queued', 'sending')`))
        .rowCount,
    (count) => count === 0,
  );

export const shown = async (invitationId: string) =>
  JSON.parse((await tool(invitationId, '--json')).out) as Shown;

/** Each event with what became of its mail, or the rules by which there is none. */
export const inShort = ({ entries }: Shown) =>
  entries.map(({ event: type, mail, why, silence }) => [
    type,
    ...(mail
      ? [mail.kind, mail.state, ...(mail.reason === null ? [] : [mail.reason, why?.rule ?? '-'])]
      : []),
    ...(silence ?? []).map(({ rule }) => rule),
  ]);
