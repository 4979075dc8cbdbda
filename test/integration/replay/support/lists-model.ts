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

const gone = ['InvitationAccepted', 'InvitationDeclined', 'InvitationWithdrawn'];

/** Events of an invitation in its inviter's stream, by type; 'Replaced' if it was superseded or closed (D2, D8). */
function saidOf(facts: readonly InvitationEvent[], { invitationId }: Sent): Set<string> {
  return new Set(
    facts.flatMap((fact) => {
      if ('supersedes' in fact && fact.supersedes === invitationId) return ['Replaced'];
      if ('closes' in fact && fact.closes === invitationId) return ['Replaced'];
      return 'invitationId' in fact && fact.invitationId === invitationId ? [fact.type] : [];
    }),
  );
}

const sentIn = (facts: readonly InvitationEvent[]): Sent[] =>
  facts.filter((fact): fact is Sent => fact.type === 'InvitationSent');

function received({ streams }: Facts, member: string) {
  return [...streams.values()].flatMap((facts) =>
    sentIn(facts)
      .filter(({ recipientId }) => recipientId === member)
      .map((sent) => ({ id: sent.invitationId, said: saidOf(facts, sent) }))
      .filter(({ said }) => !said.has('Replaced') && gone.every((type) => !said.has(type))),
  );
}

/** R9, R16: an invitation stays in the inbox until it is answered. A reply does not answer it. */
export const inbox = (facts: Facts, member: string): string[] =>
  received(facts, member)
    .filter(({ said }) => !said.has('InvitationIgnored'))
    .map(({ id }) => id);

/** R19, D5. */
export const archive = (facts: Facts, member: string): string[] =>
  received(facts, member)
    .filter(({ said }) => said.has('InvitationIgnored'))
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
      return said.has('InvitationReplied') ? `${id} replied` : `${id} pending`;
    });
}

/** R10, D8. */
export function connections({ streams }: Facts, member: string): string[] {
  const others = (streams.get(member) ?? []).flatMap((fact) => {
    if (fact.type === 'InvitationAccepted') return [fact.recipientId];
    return fact.type === 'ConnectionRecorded' ? [fact.memberId] : [];
  });
  return [...new Set(others)];
}

/** R26, D7. */
export function restriction({ streams }: Facts, member: string): string[] {
  const last = (streams.get(member) ?? []).findLast(({ type }) => type.startsWith('AccountRestrict'));
  return last === undefined ? [] : [last.type === 'AccountRestricted' ? 'restricted' : 'free'];
}
