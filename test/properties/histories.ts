import * as fc from 'fast-check';
import type { Command, Policy } from '#libs/invitation';
import { id, minute } from '../support/story.js';
import { Dice } from './dice.js';

/** One thing that happens to the service: a command comes in, or a consumer crashes and its last commands come again. */
export type Step = Command | Crash;

export interface Crash {
  readonly type: 'Crash';
  /** How many of the last commands are delivered again. */
  readonly tail: number;
  /** The crash came between the append and the storing of outcomes: nobody was told what became of the tail. */
  readonly outcomesLost: boolean;
}

export const MEMBERS = ['amal', 'bilal', 'chiara', 'dalia', 'emre'];
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const PASSES = [0, 0, 1, HOUR, HOUR, DAY, 3 * DAY];

/** Everybody does everything, mostly to the latest invitations: what few members do to each other collides. */
const KINDS = (
  'send send send send send send send send send send send send send send accept reply reply ' +
  'ignore ignore ignore ignore ignore ignore ignore ignore decline decline decline decline decline decline decline ' +
  'withdraw withdraw withdraw remind remind remind remind remind remind lift lift connect repeat repeat repeat crash'
).split(' ');

/** What one member can do, and what the service does by itself in the meantime. */
const OWN_KINDS = 'send send send send withdraw withdraw withdraw answer connect connect remind repeat'.split(
  ' ',
);

/** Writes commands down from numbers, one number each: fast enough for a hundred thousand histories. */
export class Scribe {
  readonly commands: Command[] = [];
  private readonly invitations: { id: string; from: string; to: string }[] = [];
  private now = Date.parse(minute(0));
  private ids = 0;

  constructor(private readonly members: readonly string[]) {}

  step(number: number): Step {
    const dice = new Dice(number);
    const kind = dice.of(KINDS);
    if (kind === 'crash') return { type: 'Crash', tail: 1 + dice.roll(8), outcomesLost: dice.roll(2) === 0 };
    return this.keep(kind, dice, dice.of(this.members));
  }

  /** A command of this member's own, or one of the service's that is none of anybody's doing. */
  stepOf(member: string, number: number): Command {
    const dice = new Dice(number);
    return this.keep(dice.of(OWN_KINDS), dice, member, member);
  }

  private keep(kind: string, dice: Dice, from: string, only?: string): Command {
    const command = this.command(kind, dice, from, only);
    this.commands.push(command);
    return command;
  }

  private command(kind: string, dice: Dice, from: string, only?: string): Command {
    this.now += dice.of(PASSES);
    this.ids += 1;
    const asked = { commandId: id(this.ids), at: new Date(this.now).toISOString() };
    if (kind === 'repeat') return this.again(dice, asked.at, only) ?? this.send(dice, from, asked);
    const target = kind === 'send' ? undefined : this.target(dice, only);
    if (target === undefined) return this.send(dice, from, asked);
    this.invitations.push(target);
    const { id: invitationId, from: inviter, to: recipient } = target;
    if (kind === 'remind') return { type: 'RemindRecipient', ...asked, invitationId, ordinal: dice.roll(4) };
    if (kind === 'lift')
      return { type: 'LiftRestriction', ...asked, accountId: inviter, operatorId: 'olga', reason: 'enough' };
    if (kind === 'connect') {
      const accountId = only ?? recipient;
      const memberId = accountId === inviter ? recipient : inviter;
      return { type: 'RecordConnection', ...asked, accountId, memberId, through: invitationId };
    }
    if (kind === 'withdraw') {
      const actorId = only ?? dice.of([inviter, inviter, inviter, recipient, from]);
      return { type: 'WithdrawInvitation', ...asked, invitationId, actorId };
    }
    const actorId = only ?? dice.of([recipient, recipient, recipient, inviter, from]);
    const to = { ...asked, invitationId, actorId };
    const answer = kind === 'answer' ? dice.of(['accept', 'accept', 'reply', 'ignore', 'decline']) : kind;
    if (answer === 'accept') return { type: 'AcceptInvitation', ...to, via: dice.of(['site', 'email']) };
    if (answer === 'reply') return { type: 'ReplyToInvitation', ...to, message: 'Who are you?' };
    return { type: answer === 'ignore' ? 'IgnoreInvitation' : 'DeclineInvitation', ...to };
  }

  private send(dice: Dice, inviterId: string, asked: { commandId: string; at: string }): Command {
    const others = this.members.filter((member) => member !== inviterId);
    const recipientId = dice.roll(24) === 0 ? inviterId : dice.of(others);
    const recipient = { available: dice.roll(8) > 0, emailMatches: dice.roll(2) > 0 };
    this.invitations.push({ id: `${inviterId}.${asked.commandId}`, from: inviterId, to: recipientId });
    const message = dice.roll(2) > 0 ? { message: 'Hello' } : {};
    return { type: 'SendInvitation', ...asked, inviterId, recipientId, recipient, ...message };
  }

  /** One of the latest that somebody asked for (it may have been refused) or did something to, or one that never was. */
  private target(dice: Dice, only?: string) {
    if (dice.roll(24) === 0)
      return { id: dice.of([`${MEMBERS[0]}.${id(0)}`, 'amal', '']), from: 'amal', to: 'bilal' };
    const known = this.invitations.filter(
      ({ from, to }) => only === undefined || from === only || to === only,
    );
    return known.at(-1 - dice.roll(Math.min(known.length, 5)));
  }

  /** An earlier command once more: to the letter, or as a restarted producer sends it, later. */
  private again(dice: Dice, at: string, only?: string): Command | undefined {
    const earlier = this.commands.filter((command) => only === undefined || isAskedBy(command, only));
    const command = earlier.at(-1 - dice.roll(earlier.length));
    return command && dice.roll(2) > 0 ? { ...command, at } : command;
  }
}

const isAskedBy = (command: Command, member: string): boolean =>
  ('inviterId' in command && command.inviterId === member) ||
  ('actorId' in command && command.actorId === member);

/** Small numbers, so that every limit is met. */
export const policies: fc.Arbitrary<Policy> = fc.record({
  invitationLimit: fc.constantFrom(0, 1, 2, 3, 5, 8, 20, 20, 40, 1000, 1000, 1000),
  restrictAfterDeclines: fc.integer({ min: 0, max: 3 }),
  followUpIntervalMs: fc.constantFrom(0, 0, 0, 1, HOUR, 2 * DAY),
  remindersMs: fc.constantFrom([], [0], [HOUR, 2 * HOUR, DAY], [HOUR, DAY, 3 * DAY]),
  reminderValidityMs: fc.constantFrom(0, HOUR, 2 * DAY, 9 * DAY),
});

export const memberCounts = fc.integer({ min: 3, max: 5 });

/** Up to this many numbers, each of which becomes a step. Without a bias, which would favour few kinds of steps. */
export const numbers = (maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(fc.noBias(fc.maxSafeNat()), { maxLength, size: 'max' });

export interface History {
  readonly policy: Policy;
  readonly steps: readonly Step[];
}

/** Most are short, which finds the simple faults fast and shows them small; some have all of 200 steps. */
export const histories: fc.Arbitrary<History> = fc
  .record({
    policy: policies,
    members: memberCounts,
    steps: fc.oneof({ weight: 3, arbitrary: numbers(50) }, { weight: 1, arbitrary: numbers(200) }),
  })
  .map(({ policy, members, steps }) => {
    const scribe = new Scribe(MEMBERS.slice(0, members));
    return { policy, steps: steps.map((number) => scribe.step(number)) };
  });

export const isCommand = (step: Step): step is Command => step.type !== 'Crash';
