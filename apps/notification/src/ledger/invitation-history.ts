import {
  closeEventStore,
  connectEventStore,
  decodeEvent,
  readAccountStream,
  UnknownEventError,
  type EventStoreAddress,
  type RawEvent,
  type StoredEvent,
} from '#libs/event-store';
import { assertNever, inviterOf, type InvitationEvent } from '#libs/invitation';
import type { MailKind } from '#libs/mail';
import type { Explanation, LedgerRow } from './ledger-row.js';

/** How long the event store may take to send the next events, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** An event of an invitation, with the e-mail that it asked for or the reasons why it asks for none. */
export interface HistoryEntry {
  readonly at: string;
  readonly event: string;
  readonly eventId: string;
  /** The e-mail that the event asks for; null where the ledger does not have it yet. */
  readonly mail?: LedgerRow | null;
  /** Why the event asks for no e-mail. */
  readonly silence?: readonly Explanation[];
}

/**
 * Reads the events of an invitation from the event store. All of them are in its inviter's stream.
 * @param onUnreadable is called with the reason for each event of that stream that this version cannot read
 */
export async function readEventsOfInvitation(
  eventStore: EventStoreAddress,
  invitationId: string,
  onUnreadable: (reason: string) => void,
): Promise<StoredEvent[]> {
  const client = connectEventStore(eventStore);
  const events: StoredEvent[] = [];
  try {
    const inviterId = inviterOf(invitationId);
    for (const raw of (await readAccountStream(client, inviterId, TIMEOUT_MS)) ?? []) {
      const stored = decodeOrReport(raw, onUnreadable);
      if (stored !== undefined && isAbout(stored.event, invitationId)) events.push(stored);
    }
  } finally {
    await closeEventStore(client);
  }
  return events;
}

function decodeOrReport(raw: RawEvent, onUnreadable: (reason: string) => void): StoredEvent | undefined {
  try {
    return decodeEvent(raw);
  } catch (error) {
    if (!(error instanceof UnknownEventError)) throw error;
    onUnreadable(error.message);
    return undefined;
  }
}

function isAbout(event: InvitationEvent, invitationId: string): boolean {
  if (event.type === 'ConnectionRecorded') return event.closes === invitationId;
  if (event.type === 'InvitationSent' && event.supersedes === invitationId) return true;
  return 'invitationId' in event && event.invitationId === invitationId;
}

/**
 * Combines the events of an invitation with its rows of the ledger, in the order of time.
 * @param events undefined where the event store was not read: then the history has only events that are in the ledger
 */
export function combineHistory(
  invitationId: string,
  rows: readonly LedgerRow[],
  events: readonly Pick<StoredEvent, 'id' | 'event'>[] | undefined,
): HistoryEntry[] {
  if (events === undefined) return rows.map(entryOfRow);
  const storedIds = new Set(events.map(({ id }) => id));
  const entries = events.map(({ id, event }): HistoryEntry => {
    const head = { at: event.at, event: event.type, eventId: id };
    const expected = expectedMail(event, invitationId);
    if ('silence' in expected) return { ...head, silence: expected.silence };
    const mail = rows.find(({ eventId, kind }) => eventId === id && kind === expected.kind) ?? null;
    return { ...head, mail };
  });
  // An e-mail without an event in the stream is shown as well: it would be a mistake.
  const others = rows.filter(({ eventId }) => !storedIds.has(eventId)).map(entryOfRow);
  return [...entries, ...others].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

const because = (rule: string, words: string): Explanation => ({ rule, words });
const REMINDERS_STOP = 'reminders stop';

/** The kind of e-mail that an event asks for, or the rules by which it asks for none. */
function expectedMail(
  event: InvitationEvent,
  invitationId: string,
): { kind: MailKind } | { silence: Explanation[] } {
  switch (event.type) {
    case 'InvitationSent':
      if (event.invitationId === invitationId) return { kind: 'invitation' };
      return {
        silence: [
          because('D2', 'a follow-up has superseded the invitation'),
          because('D16', 'its links lead to the follow-up while that is open'),
          because('D6', `${REMINDERS_STOP}; the follow-up has reminders of its own`),
        ],
      };
    case 'InvitationReminderDue':
      return { kind: 'reminder' };
    case 'InvitationAccepted':
      return { kind: 'acceptance' };
    case 'InvitationReplied':
      return { kind: 'reply' };
    case 'InvitationIgnored':
      return { silence: [because('R20', 'nobody is told'), because('R22', REMINDERS_STOP)] };
    case 'InvitationRestored':
      return { silence: [because('D20', 'nobody is told; reminders do not start again')] };
    case 'InvitationDeclined':
      return {
        silence: [
          because('R30', 'nobody is told'),
          because('R25', 'another invitation is refused'),
          because('D6', REMINDERS_STOP),
        ],
      };
    case 'InvitationWithdrawn':
      return { silence: [because('R33', `nobody is told; ${REMINDERS_STOP}`)] };
    case 'InvitationExpired':
      return { silence: [because('D22', `nobody is told; ${REMINDERS_STOP}`)] };
    case 'InvitationClosed':
      return { silence: [because('D23', `the account of its inviter was closed; ${REMINDERS_STOP}`)] };
    case 'ConnectionRecorded':
      return {
        silence: [
          because(
            'D8',
            'the two members have connected by an invitation in the other direction: this one leaves the inbox, and ' +
              'nobody is told',
          ),
        ],
      };
    case 'AccountRestricted':
    case 'AccountRestrictionLifted':
    case 'AccountClosed':
    case 'ConnectionEnded':
      return { silence: [] };
    default:
      return assertNever(event);
  }
}

const EVENT_OF: Readonly<Record<MailKind, string>> = {
  invitation: 'InvitationSent',
  reminder: 'InvitationReminderDue',
  acceptance: 'InvitationAccepted',
  reply: 'InvitationReplied',
};

const entryOfRow = (mail: LedgerRow): HistoryEntry => ({
  at: mail.happenedAt,
  event: EVENT_OF[mail.kind],
  eventId: mail.eventId,
  mail,
});
