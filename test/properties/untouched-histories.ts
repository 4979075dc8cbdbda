import * as fc from 'fast-check';
import { accountOf, type Command, type Policy } from '#libs/invitation';
import { isCommand, MEMBERS, memberCounts, numbers, policies, CommandGenerator } from './histories.js';
import { statusOf } from './model.js';
import { InMemoryCommandApp } from './in-memory-command-app.js';

export const INVITER = MEMBERS[0]!;

/** A history after which one of the inviter's invitations is untouched, and further commands. */
export interface UntouchedHistory {
  readonly policy: Policy;
  readonly history: readonly Command[];
  /** Whether the recipient replies to that invitation, and from which list (D5, D17, D20). */
  readonly reply: 'never' | 'from the inbox' | 'from the archive' | 'from the inbox again';
  /** Whether the recipient moves that invitation back to the inbox after they ignored it (D20). */
  readonly restore: 'never' | 'for good' | 'and ignores it again';
  readonly invitation: { readonly invitationId: string; readonly recipientId: string; readonly at: string };
  /** Commands of the inviter, and commands that the service issues. */
  readonly further: readonly Command[];
}

export const untouchedHistories: fc.Arbitrary<UntouchedHistory> = fc
  .record({
    policy: policies,
    members: memberCounts,
    before: numbers(40),
    after: numbers(25),
    which: fc.nat(),
    reply: fc.constantFrom('never', 'from the inbox', 'from the archive', 'from the inbox again'),
    restore: fc.constantFrom('never', 'for good', 'and ignores it again'),
  })
  .map(({ policy, members, before, after, which, reply, restore }) => {
    const generator = new CommandGenerator(MEMBERS.slice(0, members));
    const history = before.map((number) => generator.step(number)).filter(isCommand);
    const invitation = untouchedOne(history, policy, which);
    const further = after.map((number) => generator.stepOf(INVITER, number));
    return invitation && { policy, history, reply, restore, invitation, further };
  })
  .filter((given) => given !== undefined);

function untouchedOne(history: readonly Command[], policy: Policy, which: number) {
  const app = new InMemoryCommandApp(policy);
  for (const command of history) if (accountOf(command) === INVITER) app.handle(command);
  const facts = app.stream(INVITER);
  // Nobody can answer an invitation of a closed account.
  if (facts.some(({ type }) => type === 'AccountClosed')) return undefined;
  const untouched = facts
    .filter((fact) => fact.type === 'InvitationSent')
    .filter(({ invitationId }) => statusOf(facts, invitationId) === 'untouched');
  return untouched[which % untouched.length];
}
