import type { Pool } from '#libs/platform';
import { eventsOfInvitation } from './events-of-invitation.js';
import { historyOf, type Entry } from './history.js';
import { findByInvitation, type LedgerRow } from './ledger-row.js';
import { explain, type Explained } from './reasons.js';

/** What cannot be known from the ledger alone. */
const NOT_ASKED =
  'Without EVENTSTORE_URL only what was published is known: of an ignore (R20), a decline (R30) or a withdrawal (R33)\n' +
  'nothing leaves the event store.';

/**
 * One invitation's history: every mail, and every rightful silence with the rule's number.
 * @throws when there is no such invitation
 */
export async function showInvitation(
  pool: Pool,
  eventStore: string | undefined,
  invitationId: string,
  asJson: boolean,
  print: (text: string) => void,
): Promise<void> {
  const rows = await findByInvitation(pool, invitationId);
  const events = eventStore === undefined ? undefined : await eventsOfInvitation(eventStore, invitationId);
  const entries = historyOf(invitationId, rows, events);
  if (entries.length === 0) {
    throw new Error(
      events === undefined
        ? 'the ledger knows of no such invitation; the event store was not asked (EVENTSTORE_URL)'
        : 'there is no such invitation',
    );
  }
  if (asJson) {
    const explained = entries.map((entry) => ({ ...entry, why: entry.mail && whyOf(entry.mail) }));
    return print(
      JSON.stringify({ invitationId, isWhole: events !== undefined, entries: explained }, null, 2),
    );
  }
  print(invitationId);
  for (const entry of entries) for (const line of linesOf(entry)) print(line);
  if (events === undefined) print(NOT_ASKED);
}

function linesOf({ at, event, eventId, mail, silence = [] }: Entry): string[] {
  const head = `${at}  ${event}  ${eventId}`;
  if (mail === null)
    return [head, '    mail: not in the ledger yet; its event has not come, or is a dead letter'];
  return [
    head,
    ...(mail === undefined ? [] : mailLines(mail)),
    ...silence.map((one) => `    ${sentence(one)}`),
  ];
}

function mailLines(mail: LedgerRow): string[] {
  const { kind, recipientId, state, smtpCode, attempts, settledAt, dueAt } = mail;
  const when = settledAt ?? (state === 'queued' ? `next at ${dueAt}` : undefined);
  const facts = [
    `${kind} to ${recipientId}: ${state}`,
    when,
    smtpCode === null ? undefined : `SMTP ${smtpCode}`,
    attempts > 0 ? `attempts before: ${attempts}` : undefined,
  ];
  const why = whyOf(mail);
  return [
    `    mail: ${facts.filter((fact) => fact !== undefined).join(', ')}`,
    ...(why === undefined ? [] : [`    ${mail.reason}: ${sentence(why)}`]),
  ];
}

const whyOf = ({ reason, kind }: LedgerRow): Explained | undefined =>
  reason === null ? undefined : explain(reason, kind);

const sentence = ({ rule, words }: Explained): string => (rule === undefined ? words : `${words} (${rule})`);
