import * as fc from 'fast-check';
import { accountOf, type Command, type Policy } from '#libs/invitation';
import { isCommand, MEMBERS, memberCounts, numbers, policies, Scribe } from './histories.js';
import { statusOf } from './model.js';
import { World } from './world.js';

export const INVITER = MEMBERS[0]!;

/** A history that leaves an invitation of the inviter's untouched, and what comes after it. */
export interface Beginning {
  readonly policy: Policy;
  readonly history: readonly Command[];
  readonly invitation: { readonly invitationId: string; readonly recipientId: string; readonly at: string };
  /** The inviter's own commands, and those that the service issues. */
  readonly further: readonly Command[];
}

export const beginnings: fc.Arbitrary<Beginning> = fc
  .record({
    policy: policies,
    members: memberCounts,
    before: numbers(40),
    after: numbers(25),
    which: fc.nat(),
  })
  .map(({ policy, members, before, after, which }) => {
    const scribe = new Scribe(MEMBERS.slice(0, members));
    const history = before.map((number) => scribe.step(number)).filter(isCommand);
    const invitation = untouchedOne(history, policy, which);
    const further = after.map((number) => scribe.stepOf(INVITER, number));
    return invitation && { policy, history, invitation, further };
  })
  .filter((beginning) => beginning !== undefined);

function untouchedOne(history: readonly Command[], policy: Policy, which: number) {
  const world = new World(policy);
  for (const command of history) if (accountOf(command) === INVITER) world.handle(command);
  const facts = world.stream(INVITER);
  const untouched = facts
    .filter((fact) => fact.type === 'InvitationSent')
    .filter(({ invitationId }) => statusOf(facts, invitationId) === 'untouched');
  return untouched[which % untouched.length];
}
