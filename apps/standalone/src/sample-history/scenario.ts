import { serviceCommandId } from '#libs/contracts';
import { encodeEvent } from '#libs/event-store';
import { DEFAULT_POLICY, type Command, type InvitationEvent, type InvitationSent } from '#libs/invitation';
import type { PriorityQueue } from './priority-queue.js';
import * as behaviour from './behaviour.js';
import { MESSAGES, REASONS, REPLIES } from './behaviour.js';
import { pickInvitee, type SampleMember } from './members.js';
import type { SeededRandom } from './seeded-random.js';
import { DAY, nextOccurrence, WEEK, nextActiveTime } from './activity-schedule.js';
import { Simulator, type DecidedEvents } from './simulator.js';

/** A sent invitation, and how its recipient is going to react. */
interface SentCourse {
  readonly inviter: SampleMember;
  readonly recipient: SampleMember;
  readonly invitationId: string;
  readonly temper: behaviour.Temperament;
}

const iso = (at: number): string => new Date(at).toISOString();
/** How many members an inviter considers before they stop for the day. */
const MAX_CANDIDATES = 6;

/**
 * Schedules what members do, and what follows from it. The file is long because it is one concept: each action
 * schedules the next, from an invitation to its end.
 */
export class Scenario {
  private readonly simulator = new Simulator();

  constructor(
    private readonly random: SeededRandom,
    private readonly queue: PriorityQueue,
    private readonly members: readonly SampleMember[],
    private readonly emit: (what: DecidedEvents) => void,
  ) {}

  start(at: number): void {
    for (const member of this.members) this.planInvitation(member, at);
  }

  private planInvitation(member: SampleMember, after: number): void {
    const at = nextOccurrence(this.random, after, WEEK / member.sittingsPerWeek, member.utcOffsetMs);
    this.queue.add(at, () => this.inviteInSitting(member, at));
  }

  /** Sends an invitation and schedules the next one in the same sitting, or the next sitting. */
  private inviteInSitting(member: SampleMember, at: number): void {
    const { random } = this;
    for (let thought = 0; thought < MAX_CANDIDATES; thought += 1) {
      const other = pickInvitee(member, this.members, random);
      if (other === member || this.simulator.hasRelation(member.id, other.id)) continue;
      this.invite(member, other, at, false);
      break;
    }
    const { members, recruiters, fromMs, toMs } = behaviour.NEXT_IN_SITTING;
    if (!random.chance(member.isRecruiter ? recruiters : members)) return this.planInvitation(member, at);
    const next = at + random.between(fromMs, toMs);
    this.queue.add(next, () => this.inviteInSitting(member, next));
  }

  private invite(inviter: SampleMember, recipient: SampleMember, at: number, emailMatches: boolean): void {
    const { random } = this;
    const events = this.execute({
      type: 'SendInvitation',
      ...this.commandBase(at),
      inviterId: inviter.id,
      recipientId: recipient.id,
      recipient: { available: true, emailMatches },
      ...(random.chance(behaviour.MESSAGE_PROBABILITY) ? { message: random.pick(MESSAGES) } : {}),
    });
    const sent = events.find((event): event is InvitationSent => event.type === 'InvitationSent');
    if (sent === undefined) return;
    const { byMembers, byRecruiters } = behaviour.ACQUAINTANCE_SHARE;
    const isKnown = random.chance(inviter.isRecruiter ? byRecruiters : byMembers);
    const temper = isKnown ? behaviour.ACQUAINTANCE_TEMPERAMENT : behaviour.STRANGER_TEMPERAMENT;
    const course = { inviter, recipient, invitationId: sent.invitationId, temper };
    if (random.chance(temper.responds)) {
      const { medianMs, sigma } = behaviour.RESPONSE_DELAY;
      this.planResponse(course, at + random.lognormal(medianMs, sigma), behaviour.EMAIL_SHARE.first);
    }
    this.planReminder(course, at, 1);
    this.planFollowUpOrWithdrawal(course, at);
    if (random.chance(behaviour.CROSSING_PROBABILITY))
      this.schedule(at, 1_000, DAY, recipient, (then) => this.invite(recipient, inviter, then, false));
  }

  private planReminder(course: SentCourse, sentAt: number, ordinal: number): void {
    const due = DEFAULT_POLICY.remindersMs[ordinal - 1];
    if (due === undefined) return;
    const { fromMs, toMs } = behaviour.SERVICE_DELAY;
    const at = sentAt + due + this.random.between(fromMs, toMs);
    this.queue.add(at, () => {
      const commandId = serviceCommandId(
        `reminder ${ordinal} of ${course.invitationId}, asked for at ${iso(at)}`,
      );
      const { invitationId } = course;
      const events = this.execute({ type: 'RemindRecipient', commandId, at: iso(at), invitationId, ordinal });
      if (events.length === 0) return;
      if (this.random.chance(course.temper.respondsToReminder[ordinal - 1] ?? 0)) {
        const { medianMs, sigma } = behaviour.REMINDER_RESPONSE_DELAY;
        const soon = at + this.random.lognormal(medianMs, sigma);
        this.planResponse(course, soon, behaviour.EMAIL_SHARE.afterReminder);
      }
      this.planReminder(course, sentAt, ordinal + 1);
    });
  }

  private planResponse(course: SentCourse, from: number, byEmail: number): void {
    const at = nextActiveTime(this.random, from, course.recipient.utcOffsetMs);
    this.queue.add(at, () => this.respond(course, at, byEmail));
  }

  private respond(course: SentCourse, at: number, byEmail: number): void {
    const { random } = this;
    const { accepts, replies } = course.temper;
    const turn = random.fraction();
    if (turn < accepts) this.accept(course, at, byEmail);
    else if (turn < accepts + replies) this.reply(course, at);
    else this.ignore(course, at);
  }

  private accept(course: SentCourse, at: number, byEmail: number): void {
    const { random } = this;
    const via = random.chance(byEmail) ? 'email' : 'site';
    const [accepted] = this.execute({
      type: 'AcceptInvitation',
      ...this.recipientCommandBase(course, at),
      via,
    });
    if (accepted === undefined) return;
    const then = at + random.between(behaviour.SERVICE_DELAY.fromMs, behaviour.SERVICE_DELAY.toMs);
    this.queue.add(then, () =>
      this.execute({
        type: 'RecordConnection',
        commandId: serviceCommandId(
          `connection of ${encodeEvent(accepted, 0).id} through ${course.invitationId}`,
        ),
        at: iso(then),
        accountId: course.recipient.id,
        memberId: course.inviter.id,
        through: course.invitationId,
      }),
    );
  }

  private reply(course: SentCourse, at: number): void {
    const message = this.random.pick(REPLIES);
    const events = this.execute({
      type: 'ReplyToInvitation',
      ...this.recipientCommandBase(course, at),
      message,
    });
    const { probability, medianMs, sigma } = behaviour.ACCEPTANCE_AFTER_REPLY;
    if (events.length > 0 && this.random.chance(probability))
      this.planAcceptance(course, at + this.random.lognormal(medianMs, sigma));
  }

  private ignore(course: SentCourse, at: number): void {
    const { random } = this;
    const events = this.execute({ type: 'IgnoreInvitation', ...this.recipientCommandBase(course, at) });
    if (events.length === 0) return;
    if (random.chance(course.temper.declines)) {
      const then = at + random.lognormal(behaviour.DECLINE_DELAY.medianMs, behaviour.DECLINE_DELAY.sigma);
      this.queue.add(then, () => this.decline(course, then));
    } else if (random.chance(course.temper.acceptsLater)) {
      const { medianMs, sigma } = behaviour.LATER_ACCEPTANCE_DELAY;
      this.planAcceptance(course, at + random.lognormal(medianMs, sigma));
    }
  }

  private planAcceptance(course: SentCourse, from: number): void {
    const at = nextActiveTime(this.random, from, course.recipient.utcOffsetMs);
    this.queue.add(at, () => this.accept(course, at, 0));
  }

  private decline(course: SentCourse, at: number): void {
    const events = this.execute({ type: 'DeclineInvitation', ...this.recipientCommandBase(course, at) });
    const isRestricted = events.some(({ type }) => type === 'AccountRestricted');
    const { probability, fromMs, toMs } = behaviour.RESTRICTION_LIFT;
    if (!isRestricted || !this.random.chance(probability)) return;
    this.schedule(at, fromMs, toMs, course.inviter, (then) =>
      this.execute({
        type: 'LiftRestriction',
        ...this.commandBase(then),
        accountId: course.inviter.id,
        operatorId: 'olga',
        reason: this.random.pick(REASONS),
      }),
    );
  }

  /** Schedules what the inviter does about an invitation that, as far as they can see, has no response. */
  private planFollowUpOrWithdrawal(course: SentCourse, sentAt: number): void {
    const { random } = this;
    const { inviter, recipient, invitationId } = course;
    const turn = random.fraction();
    const { FOLLOW_UP, WITHDRAWAL } = behaviour;
    const ifPending = (act: (at: number) => void) => (at: number) => {
      if (this.simulator.isPending(inviter.id, invitationId)) act(at);
    };
    if (turn < FOLLOW_UP.probability) {
      const act = ifPending((at) => this.invite(inviter, recipient, at, false));
      this.schedule(sentAt, FOLLOW_UP.fromMs, FOLLOW_UP.toMs, inviter, act);
    } else if (turn < FOLLOW_UP.probability + WITHDRAWAL.probability) {
      const act = ifPending((at) => this.withdraw(course, at));
      this.schedule(sentAt, WITHDRAWAL.fromMs, WITHDRAWAL.toMs, inviter, act);
    }
  }

  private withdraw({ inviter, recipient, invitationId }: SentCourse, at: number): void {
    this.execute({ type: 'WithdrawInvitation', ...this.commandBase(at), invitationId, actorId: inviter.id });
    const { probability, knowsAddress, fromMs, toMs } = behaviour.NEW_AFTER_WITHDRAWAL;
    if (!this.random.chance(probability)) return;
    this.schedule(at, fromMs, toMs, inviter, (then) =>
      this.invite(inviter, recipient, then, this.random.chance(knowsAddress)),
    );
  }

  private schedule(
    at: number,
    fromMs: number,
    toMs: number,
    who: SampleMember,
    act: (then: number) => void,
  ): void {
    const then = nextActiveTime(this.random, at + this.random.between(fromMs, toMs), who.utcOffsetMs);
    this.queue.add(then, () => act(then));
  }

  private execute(command: Command): readonly InvitationEvent[] {
    const happened = this.simulator.execute(command);
    if (happened !== undefined) this.emit(happened);
    return happened?.events ?? [];
  }

  private commandBase(at: number) {
    return { commandId: this.random.uuid(), at: iso(at) };
  }

  private recipientCommandBase({ recipient, invitationId }: SentCourse, at: number) {
    return { ...this.commandBase(at), invitationId, actorId: recipient.id };
  }
}
