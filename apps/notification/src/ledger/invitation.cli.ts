import type { EventStoreAddress } from '#libs/event-store';
import type { Pool } from '#libs/platform';
import { combineHistory, readEventsOfInvitation, type HistoryEntry } from './invitation-history.js';
import { explainReason, findByInvitation, type Explanation, type LedgerRow } from './ledger-row.js';

/** What the history lacks without the event store. */
const WITHOUT_EVENT_STORE =
  'Without EVENTSTORE_URL the history shows published events only: an ignore (R20), a decline (R30) and a\n' +
  'withdrawal (R33) are never published.';

/**
 * Prints the history of one invitation: every e-mail, and every event without an e-mail, with the reason.
 * @throws Error where there is no such invitation
 */
export async function showInvitation(
  pool: Pool,
  eventStore: EventStoreAddress | undefined,
  invitationId: string,
  asJson: boolean,
  print: (text: string) => void,
): Promise<void> {
  const rows = await findByInvitation(pool, invitationId);
  const unreadable: string[] = [];
  const events =
    eventStore === undefined
      ? undefined
      : await readEventsOfInvitation(eventStore, invitationId, (reason) => unreadable.push(reason));
  const entries = combineHistory(invitationId, rows, events);
  if (entries.length === 0) {
    throw new Error(
      events === undefined
        ? 'the ledger has no such invitation; set EVENTSTORE_URL to search the event store as well'
        : 'there is no such invitation',
    );
  }
  if (asJson) {
    const explained = entries.map((entry) => ({ ...entry, why: entry.mail && explanationOf(entry.mail) }));
    return print(
      JSON.stringify(
        { invitationId, isWhole: events !== undefined && unreadable.length === 0, entries: explained },
        null,
        2,
      ),
    );
  }
  print(invitationId);
  for (const entry of entries) for (const line of formatEntry(entry)) print(line);
  if (events === undefined) print(WITHOUT_EVENT_STORE);
  if (unreadable.length > 0) print(`Left out, because this version cannot read it: ${unreadable.join('; ')}`);
}

function formatEntry({ at, event, eventId, mail, silence = [] }: HistoryEntry): string[] {
  const head = `${at}  ${event}  ${eventId}`;
  if (mail === null) {
    return [
      head,
      '    mail: not in the ledger yet: the app has not consumed the event, or stored it as a dead letter',
    ];
  }
  return [
    head,
    ...(mail === undefined ? [] : formatMail(mail)),
    ...silence.map((one) => `    ${formatExplanation(one)}`),
  ];
}

function formatMail(mail: LedgerRow): string[] {
  const { kind, recipientId, state, smtpCode, attempts, settledAt, dueAt } = mail;
  const facts = [
    `${kind} to ${recipientId}: ${state}`,
    settledAt ?? (state === 'queued' ? `next attempt at ${dueAt}` : undefined),
    smtpCode === null ? undefined : `SMTP ${smtpCode}`,
    attempts > 0 ? `attempts before: ${attempts}` : undefined,
  ];
  const explanation = explanationOf(mail);
  return [
    `    mail: ${facts.filter((fact) => fact !== undefined).join(', ')}`,
    ...(explanation === undefined ? [] : [`    ${mail.reason}: ${formatExplanation(explanation)}`]),
  ];
}

const explanationOf = ({ reason, kind }: LedgerRow): Explanation | undefined =>
  reason === null ? undefined : explainReason(reason, kind);

const formatExplanation = ({ rule, words }: Explanation): string =>
  rule === undefined ? words : `${words} (${rule})`;
