import type { InvitationEvent } from '#libs/invitation';

/*
 * What each list shows, told from the facts of the streams, with no fold and no order: written from the rules, to check the
 * projections that replay folds with.
 */

export interface Facts {
  /** The events of each account's stream up to the instant. */
  readonly streams: ReadonlyMap<string, readonly InvitationEvent[]>;
}

type Sent = Extract<InvitationEvent, { type: 'InvitationSent' }>;

const gone = ['InvitationAccepted', 'InvitationDeclined', 'InvitationWithdrawn', 'InvitationExpired'];

/** Events of an invitation in its inviter's stream, by type; 'Replaced' if it was superseded or closed (D2, D8). */
function saidOf(facts: readonly InvitationEvent[], { invitationId }: Sent): Set<string> {
  return new Set(
    facts.flatMap((fact) => {
      if ('supersedes' in fact && fact.supersedes === invitationId) return ['Replaced'];
      if ('closes' in fact && fact.closes === invitationId) return ['Replaced'];
      if (!('invitationId' in fact) || fact.invitationId !== invitationId) return [];
      // D23: it ended with its inviter's account, and no list has it any more.
      return [fact.type === 'InvitationClosed' ? 'Replaced' : fact.type];
    }),
  );
}

const sentIn = (facts: readonly InvitationEvent[]): Sent[] =>
  facts.filter((fact): fact is Sent => fact.type === 'InvitationSent');

/** Whether the recipient ignored it more often than they moved it back (D20): each undoes the other. */
function isInArchive(facts: readonly InvitationEvent[], { invitationId }: Sent): boolean {
  const count = (type: InvitationEvent['type']) =>
    facts.filter((fact) => fact.type === type && 'invitationId' in fact && fact.invitationId === invitationId)
      .length;
  return count('InvitationIgnored') > count('InvitationRestored');
}

function received({ streams }: Facts, member: string) {
  return [...streams.values()].flatMap((facts) =>
    sentIn(facts)
      .filter(({ recipientId }) => recipientId === member)
      .map((sent) => ({
        id: sent.invitationId,
        said: saidOf(facts, sent),
        inArchive: isInArchive(facts, sent),
      }))
      .filter(({ said }) => !said.has('Replaced') && gone.every((type) => !said.has(type))),
  );
}

/** R9, R16: an invitation stays in the inbox until it is answered. A reply does not answer it. */
export const inbox = (facts: Facts, member: string): string[] =>
  received(facts, member)
    .filter(({ inArchive }) => !inArchive)
    .map(({ id }) => id);

/** R19, D5. */
export const archive = (facts: Facts, member: string): string[] =>
  received(facts, member)
    .filter(({ inArchive }) => inArchive)
    .map(({ id }) => id);

/** D1, D3: neither an ignore nor a decline is visible. */
export function sent({ streams }: Facts, member: string): string[] {
  const facts = streams.get(member) ?? [];
  return sentIn(facts)
    .map((invitation) => ({ id: invitation.invitationId, said: saidOf(facts, invitation) }))
    .filter(({ said }) => !said.has('Replaced'))
    .map(({ id, said }) => {
      if (said.has('InvitationAccepted')) return `${id} accepted`;
      if (said.has('InvitationWithdrawn')) return `${id} withdrawn`;
      if (said.has('InvitationExpired')) return `${id} expired`;
      return said.has('InvitationReplied') ? `${id} replied` : `${id} pending`;
    });
}

/** R10, D8. A connection that ended with an account is never formed again (D23). */
export function connections({ streams }: Facts, member: string): string[] {
  const facts = streams.get(member) ?? [];
  const ended = facts.flatMap((fact) => (fact.type === 'ConnectionEnded' ? [fact.memberId] : []));
  const others = facts.flatMap((fact) => {
    if (fact.type === 'InvitationAccepted') return [fact.recipientId];
    return fact.type === 'ConnectionRecorded' ? [fact.memberId] : [];
  });
  return [...new Set(others)].filter((other) => !ended.includes(other));
}

/** R26, D7. */
export function restriction({ streams }: Facts, member: string): string[] {
  const last = (streams.get(member) ?? []).findLast(({ type }) => type.startsWith('AccountRestrict'));
  return last === undefined ? [] : [last.type === 'AccountRestricted' ? 'restricted' : 'free'];
}
