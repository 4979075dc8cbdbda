import * as fc from 'fast-check';
import type { Command, Policy } from '#libs/invitation';
import { id, minute } from '../support/story.js';
import { ChoiceDecoder } from './choice-decoder.js';

/** One step: a command arrives, or a consumer crashes and its last commands are delivered again. */
export type Step = Command | Crash;

export interface Crash {
  readonly type: 'Crash';
  /** How many of the last commands are delivered again. */
  readonly tail: number;
  /**
   * Whether the crash came between the append and the storing of outcomes, so that the outcomes of the tail were not
   * published.
   */
  readonly outcomesLost: boolean;
}

export const MEMBERS = ['amal', 'bilal', 'chiara', 'dalia', 'emre'];
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const PASSES = [0, 0, 1, HOUR, HOUR, DAY, 3 * DAY];

/**
 * The kinds of steps by frequency. Members mostly act on the latest invitations, so that commands of few members
 * conflict.
 */
const KINDS = (
  'send send send send send send send send send send send send send send accept reply reply ' +
  'ignore ignore ignore ignore ignore ignore ignore ignore ignore ignore restore restore restore restore restore restore restore restore decline decline decline decline decline decline decline ' +
  'withdraw withdraw withdraw remind remind remind remind remind remind expire expire expire expire lift lift connect close close-invitation end end repeat repeat repeat crash'
).split(' ');

/** The commands of one member, and commands that the service issues in the meantime. */
const OWN_KINDS =
  'send send send send withdraw withdraw withdraw answer connect connect remind expire expire end repeat'.split(
    ' ',
  );

/** Generates a command from each number, fast enough for a hundred thousand histories. */
export class CommandGenerator {
  readonly commands: Command[] = [];
  private readonly invitations: { id: string; from: string; to: string }[] = [];
  private now = Date.parse(minute(0));
  private ids = 0;

  constructor(private readonly members: readonly string[]) {}

  step(number: number): Step {
    const choices = new ChoiceDecoder(number);
    const kind = choices.pick(KINDS);
    if (kind === 'crash')
      return { type: 'Crash', tail: 1 + choices.index(8), outcomesLost: choices.index(2) === 0 };
    return this.keep(kind, choices, choices.pick(this.members));
  }

  /** Returns a command of this member, or a command of the service. */
  stepOf(member: string, number: number): Command {
    const choices = new ChoiceDecoder(number);
    return this.keep(choices.pick(OWN_KINDS), choices, member, member);
  }

  private keep(kind: string, choices: ChoiceDecoder, from: string, only?: string): Command {
    const generated = this.command(kind, choices, from, only);
    const isOfMember = 'actorId' in generated || generated.type === 'SendInvitation';
    const command: Command =
      isOfMember && choices.index(32) === 0 ? { ...generated, actorHasLeft: true } : generated;
    this.commands.push(command);
    return command;
  }

  private command(kind: string, choices: ChoiceDecoder, from: string, only?: string): Command {
    this.now += choices.pick(PASSES);
    this.ids += 1;
    const asked = { commandId: id(this.ids), at: new Date(this.now).toISOString() };
    if (kind === 'repeat') return this.again(choices, asked.at, only) ?? this.send(choices, from, asked);
    const target = kind === 'send' ? undefined : this.target(choices, only);
    if (target === undefined) return this.send(choices, from, asked);
    this.invitations.push(target);
    const { id: invitationId, from: inviter, to: recipient } = target;
    if (kind === 'remind')
      return { type: 'RemindRecipient', ...asked, invitationId, ordinal: choices.index(4) };
    if (kind === 'expire')
      return { type: 'ExpireInvitation', ...asked, invitationId, recipientId: recipient };
    if (kind === 'close' && choices.index(3) === 0)
      return { type: 'CloseAccount', ...asked, accountId: inviter, operatorId: 'olga' };
    if (kind === 'close' || kind === 'close-invitation')
      return { type: 'CloseInvitation', ...asked, invitationId, recipientId: recipient };
    if (kind === 'end') {
      const accountId = only ?? choices.pick([inviter, recipient]);
      const memberId = accountId === inviter ? recipient : inviter;
      const leaverId = only === undefined ? choices.pick([inviter, recipient]) : memberId;
      return { type: 'EndConnection', ...asked, accountId, memberId, leaverId };
    }
    if (kind === 'lift')
      return { type: 'LiftRestriction', ...asked, accountId: inviter, operatorId: 'olga', reason: 'enough' };
    if (kind === 'connect') {
      const accountId = only ?? recipient;
      const memberId = accountId === inviter ? recipient : inviter;
      return { type: 'RecordConnection', ...asked, accountId, memberId, through: invitationId };
    }
    if (kind === 'withdraw') {
      const actorId = only ?? choices.pick([inviter, inviter, inviter, recipient, from]);
      return { type: 'WithdrawInvitation', ...asked, invitationId, actorId };
    }
    const actorId = only ?? choices.pick([recipient, recipient, recipient, inviter, from]);
    const to = { ...asked, invitationId, actorId };
    const answer =
      kind === 'answer' ? choices.pick(['accept', 'accept', 'reply', 'ignore', 'restore', 'decline']) : kind;
    if (answer === 'accept') return { type: 'AcceptInvitation', ...to, via: choices.pick(['site', 'email']) };
    if (answer === 'reply') return { type: 'ReplyToInvitation', ...to, message: 'Who are you?' };
    if (answer === 'ignore') return { type: 'IgnoreInvitation', ...to };
    return { type: answer === 'restore' ? 'RestoreInvitation' : 'DeclineInvitation', ...to };
  }

  private send(choices: ChoiceDecoder, inviterId: string, asked: { commandId: string; at: string }): Command {
    const others = this.members.filter((member) => member !== inviterId);
    const recipientId = choices.index(24) === 0 ? inviterId : choices.pick(others);
    const recipient = { available: choices.index(8) > 0, emailMatches: choices.index(2) > 0 };
    this.invitations.push({ id: `${inviterId}.${asked.commandId}`, from: inviterId, to: recipientId });
    const message = choices.index(2) > 0 ? { message: 'Hello' } : {};
    return { type: 'SendInvitation', ...asked, inviterId, recipientId, recipient, ...message };
  }

  /** Returns one of the latest invitations that were sent, refused or acted on, or one that never existed. */
  private target(choices: ChoiceDecoder, only?: string) {
    if (choices.index(24) === 0)
      return { id: choices.pick([`${MEMBERS[0]}.${id(0)}`, 'amal', '']), from: 'amal', to: 'bilal' };
    const known = this.invitations.filter(
      ({ from, to }) => only === undefined || from === only || to === only,
    );
    return known.at(-1 - choices.index(Math.min(known.length, 5)));
  }

  /** Returns an earlier command again, unchanged or with a later time, like a restarted producer. */
  private again(choices: ChoiceDecoder, at: string, only?: string): Command | undefined {
    const earlier = this.commands.filter((command) => only === undefined || isAskedBy(command, only));
    const command = earlier.at(-1 - choices.index(earlier.length));
    return command && choices.index(2) > 0 ? { ...command, at } : command;
  }
}

const isAskedBy = (command: Command, member: string): boolean =>
  ('inviterId' in command && command.inviterId === member) ||
  ('actorId' in command && command.actorId === member);

/** Small numbers, so that every limit is reached. */
export const policies: fc.Arbitrary<Policy> = fc.record({
  invitationLimit: fc.constantFrom(0, 1, 2, 3, 5, 8, 20, 20, 40, 1000, 1000, 1000),
  restrictAfterDeclines: fc.integer({ min: 0, max: 3 }),
  followUpIntervalMs: fc.constantFrom(0, 0, 0, 1, HOUR, 2 * DAY),
  remindersMs: fc.constantFrom([], [0], [HOUR, 2 * HOUR, DAY], [HOUR, DAY, 3 * DAY]),
  reminderValidityMs: fc.constantFrom(0, HOUR, 2 * DAY, 9 * DAY),
  invitationExpiryMs: fc.constantFrom(0, 1, HOUR, HOUR, DAY, 3 * DAY),
});

export const memberCounts = fc.integer({ min: 3, max: 5 });

/**
 * Generates up to this many numbers, each of which becomes a step. Without a bias, which would favour few kinds of
 * steps.
 */
export const numbers = (maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(fc.noBias(fc.maxSafeNat()), { maxLength, size: 'max' });

export interface History {
  readonly policy: Policy;
  readonly steps: readonly Step[];
}

/** Most are short, which finds simple faults fast and shows small examples; some have all of 200 steps. */
export const histories: fc.Arbitrary<History> = fc
  .record({
    policy: policies,
    members: memberCounts,
    steps: fc.oneof({ weight: 3, arbitrary: numbers(50) }, { weight: 1, arbitrary: numbers(200) }),
  })
  .map(({ policy, members, steps }) => {
    const generator = new CommandGenerator(MEMBERS.slice(0, members));
    return { policy, steps: steps.map((number) => generator.step(number)) };
  });

export const isCommand = (step: Step): step is Command => step.type !== 'Crash';
