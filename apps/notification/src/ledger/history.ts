import type { AccountEvent } from '#libs/event-store';
import { unreachable, type InvitationEvent } from '#libs/invitation';
import type { MailKind } from '#libs/mail';
import type { LedgerRow } from './ledger-row.js';
import type { Explained } from './reasons.js';

/** Something that happened to an invitation, and what became of the e-mail about it, or why there is none. */
export interface Entry {
  readonly at: string;
  readonly event: string;
  readonly eventId: string;
  /** A mail is due, and this is its row; null where there is none yet. */
  readonly mail?: LedgerRow | null;
  readonly silence?: readonly Explained[];
}

const told = (rule: string, words: string): Explained => ({ rule, words });
const REMINDERS_STOP = 'reminders stop';

/** Which e-mail an event asks for, or the rules by which there is none. */
function dueFor(event: InvitationEvent, invitationId: string): { kind: MailKind } | { silence: Explained[] } {
  switch (event.type) {
    case 'InvitationSent':
      if (event.invitationId === invitationId) return { kind: 'invitation' };
      return {
        silence: [
          told('D2', 'a follow-up has superseded it: its links lead to what is no longer open'),
          told('D6', `${REMINDERS_STOP}; the follow-up starts its own`),
        ],
      };
    case 'InvitationReminderDue':
      return { kind: 'reminder' };
    case 'InvitationAccepted':
      return { kind: 'acceptance' };
    case 'InvitationReplied':
      return { kind: 'reply' };
    case 'InvitationIgnored':
      return { silence: [told('R20', 'nobody is told'), told('R22', REMINDERS_STOP)] };
    case 'InvitationDeclined':
      return {
        silence: [
          told('R30', 'nobody is told'),
          told('R25', 'a further invitation is refused'),
          told('D6', REMINDERS_STOP),
        ],
      };
    case 'InvitationWithdrawn':
      return { silence: [told('R33', `nobody is told; ${REMINDERS_STOP}`)] };
    case 'ConnectionRecorded':
      return {
        silence: [
          told('D8', 'the two have connected the other way round: it leaves the inbox without a word'),
        ],
      };
    case 'AccountRestricted':
    case 'AccountRestrictionLifted':
      return { silence: [] };
    default:
      return unreachable(event);
  }
}

const EVENT_OF: Readonly<Record<MailKind, string>> = {
  invitation: 'InvitationSent',
  reminder: 'InvitationReminderDue',
  acceptance: 'InvitationAccepted',
  reply: 'InvitationReplied',
};

/** @param events undefined where the event store was not asked: then the ledger alone tells what it has heard of */
export function historyOf(
  invitationId: string,
  rows: readonly LedgerRow[],
  events: readonly AccountEvent[] | undefined,
): Entry[] {
  if (events === undefined) return rows.map(heardOf);
  const known = new Set(events.map(({ id }) => id));
  const entries = events.map(({ id, event }): Entry => {
    const head = { at: event.at, event: event.type, eventId: id };
    const due = dueFor(event, invitationId);
    if ('silence' in due) return { ...head, silence: due.silence };
    const mail = rows.find(({ eventId, kind }) => eventId === id && kind === due.kind) ?? null;
    return { ...head, mail };
  });
  // What the stream lacks shows all the same: it would be a mail without a reason.
  const others = rows.filter(({ eventId }) => !known.has(eventId)).map(heardOf);
  return [...entries, ...others].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

const heardOf = (mail: LedgerRow): Entry => ({
  at: mail.happenedAt,
  event: EVENT_OF[mail.kind],
  eventId: mail.eventId,
  mail,
});
