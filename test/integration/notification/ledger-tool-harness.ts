import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { TOPICS, type EventType } from '#libs/contracts';
import {
  closeEventStore,
  decodeEvent,
  readAccountStream,
  streamOf,
  AccountRepository,
  connectEventStore,
  type EventStoreDBClient,
} from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import type { ConsumedMessage } from '#libs/kafka';
import { startEventStoreProcess, type EventStoreProcess } from '../../support/event-store-process.js';
import { runTool as runToolOf, type ToolResult } from '../../support/run-tool.js';
import { event, profile } from './messages.js';
import { NotificationHarness, readUntil, type App } from './notification-harness.js';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** Instant of the first event: recent enough to be mailed (D21), and before all events that a test appends. */
const START = Date.now() - 86_400_000;

/** The topic and type of each event that is published. */
const PUBLIC: Partial<Record<InvitationEvent['type'], readonly [string, EventType]>> = {
  InvitationSent: [TOPICS.sent, 'invitations.sent.v1'],
  InvitationReminderDue: [TOPICS.reminderDue, 'invitations.reminder-due.v1'],
  InvitationReplied: [TOPICS.replied, 'invitations.replied.v1'],
  InvitationAccepted: [TOPICS.accepted, 'invitations.accepted.v1'],
};

interface History {
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
let store: EventStoreProcess;
let client: EventStoreDBClient;
export const harness = new NotificationHarness();
export let app: App;

/** Opens an event store, a database, an SMTP stub and a running app for the specs of a file. */
export function useLedgerTool(): void {
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ledger-tool-'));
    [store] = await Promise.all([
      startEventStoreProcess({ dataDir: join(dataDir, 'events') }),
      harness.open(false),
    ]);
    client = connectEventStore(store.addresses.url);
    app = harness.start({ timings: { pollMs: 50 } });
  });
  beforeEach(async () => {
    await harness.reset();
    await app.handler.handle([profile('amal'), profile('bilal')]);
  });
  afterAll(async () => {
    await harness.stopApps();
    await closeEventStore(client);
    await Promise.all([store.stop(), harness.close()]);
    await rm(dataDir, { recursive: true });
  });
}

export const runTool = (args: readonly string[], more: Record<string, string> = {}): Promise<ToolResult> =>
  runToolOf('notification/src/ledger.main.js', args, { env: { DATABASE_URL: harness.databaseUrl, ...more } });
export const tool = (...args: string[]) => runTool(args, { EVENTSTORE_URL: store.addresses.url });

let accounts = 0;

/** Creates a member with an account of their own. @returns the id */
export const createInviter = async () => {
  const id = `amal-${(accounts += 1)}`;
  await app.handler.handle([profile(id)]);
  return id;
};

/** Appends an event to an account's stream that no version can read. */
export const appendUnreadable = (inviterId: string) =>
  client.appendToStream(
    streamOf(inviterId),
    jsonEvent({ type: 'InvitationPraised', data: {}, metadata: { commandId: randomUUID() } }),
  );

/**
 * Appends events to an account, an hour apart, and lets the app consume those that are published, under their event ids.
 * @returns the id of their invitation
 */
export async function appendAndConsume(
  inviterId: string,
  types: readonly InvitationEvent['type'][],
  changes: Partial<Record<InvitationEvent['type'], object>> = {},
): Promise<string> {
  const invitationId = `${inviterId}.${randomUUID()}`;
  const about = { invitationId, inviterId, recipientId: 'bilal' };
  const events = types.map((type, hours) => ({
    type,
    commandId: randomUUID(),
    at: new Date(START + hours * 3_600_000).toISOString(),
    ...about,
    ...(type === 'InvitationReplied' ? { message: 'a private word' } : {}),
    ...(type === 'InvitationAccepted' ? { via: 'site' } : {}),
    ...(type === 'InvitationReminderDue' ? { ordinal: 1, validUntil: '2999-01-01T00:00:00.000Z' } : {}),
    ...changes[type],
  })) as InvitationEvent[];
  const repository = new AccountRepository(client);
  const { revision } = await repository.read(inviterId);
  await repository.append(inviterId, revision, events);
  const published: ConsumedMessage[] = [];
  for (const { id, event: stored } of (await readAccountStream(client, inviterId))!.map(decodeEvent)) {
    const [topic, type] = PUBLIC[stored.type] ?? [];
    if (topic === undefined || type === undefined || !('invitationId' in stored)) continue;
    const { type: _type, commandId: _command, ...data } = stored;
    published.push(event(topic, type, 'bilal', data, id));
  }
  // One after the other, in the order of the events.
  for (const one of published) {
    await app.handler.handle([one]);
    await untilSettled();
  }
  return invitationId;
}

/** Waits until every delivery is settled or held back (D15). */
export const untilSettled = () =>
  readUntil(
    () =>
      harness.count(
        `state IN ('queued', 'sending') AND (reason IS DISTINCT FROM 'TOO_SOON' OR claim IS NOT NULL)`,
      ),
    (count) => count === 0,
  );

export const readHistory = async (invitationId: string) =>
  JSON.parse((await tool(invitationId, '--json')).out) as History;

/** Each event with the kind, state and reason of its e-mail, or the rules by which it has none. */
export const summarize = ({ entries }: History) =>
  entries.map(({ event: type, mail, why, silence }) => [
    type,
    ...(mail
      ? [mail.kind, mail.state, ...(mail.reason === null ? [] : [mail.reason, why?.rule ?? '-'])]
      : []),
    ...(silence ?? []).map(({ rule }) => rule),
  ]);
