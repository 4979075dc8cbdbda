import { serviceCommandId } from '#libs/contracts';
import { toStored } from '#libs/event-store';
import { DEFAULT_POLICY, type Command, type InvitationEvent, type InvitationSent } from '#libs/invitation';
import type { Agenda } from './agenda.js';
import * as behaviour from './behaviour.js';
import { acquaintanceOf, type SampleMember } from './members.js';
import type { Random } from './random.js';
import { DAY, nextOf, WEEK, whenAwake } from './rhythm.js';
import { Society, type Happened } from './society.js';
import { MESSAGES, REASONS, REPLIES } from './texts.js';

/** An invitation on its way, and how its recipient takes it. */
interface Course {
  readonly inviter: SampleMember;
  readonly recipient: SampleMember;
  readonly invitationId: string;
  readonly temper: behaviour.Temper;
}

const iso = (at: number): string => new Date(at).toISOString();
/** Others whom a member thinks of before they let it be for today. */
const THOUGHTS = 6;

/**
 * What members do, and what that leads to. Long, for it is one thing: each step plans the next, from the invitation to
 * what becomes of it.
 */
export class Story {
  private readonly society = new Society();

  constructor(
    private readonly random: Random,
    private readonly agenda: Agenda,
    private readonly members: readonly SampleMember[],
    private readonly tell: (what: Happened) => void,
  ) {}

  begin(at: number): void {
    for (const member of this.members) this.planInvitation(member, at);
  }

  private planInvitation(member: SampleMember, after: number): void {
    const at = nextOf(this.random, after, WEEK / member.weekly, member.offsetMs);
    this.agenda.add(at, () => this.sitting(member, at));
  }

  /** Invitations come in sittings: one leads to the next. */
  private sitting(member: SampleMember, at: number): void {
    const { random } = this;
    for (let thought = 0; thought < THOUGHTS; thought += 1) {
      const other = acquaintanceOf(member, this.members, random);
      if (other === member || this.society.knows(member.id, other.id)) continue;
      this.invite(member, other, at, false);
      break;
    }
    const { members, recruiters, fromMs, toMs } = behaviour.GOES_ON;
    if (!random.chance(member.recruits ? recruiters : members)) return this.planInvitation(member, at);
    const next = at + random.between(fromMs, toMs);
    this.agenda.add(next, () => this.sitting(member, next));
  }

  private invite(inviter: SampleMember, recipient: SampleMember, at: number, emailMatches: boolean): void {
    const { random } = this;
    const events = this.ask({
      type: 'SendInvitation',
      ...this.asked(at),
      inviterId: inviter.id,
      recipientId: recipient.id,
      recipient: { available: true, emailMatches },
      ...(random.chance(behaviour.WITH_MESSAGE) ? { message: random.of(MESSAGES) } : {}),
    });
    const sent = events.find((event): event is InvitationSent => event.type === 'InvitationSent');
    if (sent === undefined) return;
    const { byMembers, byRecruiters } = behaviour.KNOWN;
    const isKnown = random.chance(inviter.recruits ? byRecruiters : byMembers);
    const temper = isKnown ? behaviour.OF_ACQUAINTANCES : behaviour.OF_STRANGERS;
    const course = { inviter, recipient, invitationId: sent.invitationId, temper };
    if (random.chance(temper.answers)) {
      const { medianMs, sigma } = behaviour.ANSWER;
      this.planAnswer(course, at + random.lognormal(medianMs, sigma), behaviour.BY_EMAIL.first);
    }
    this.planReminder(course, at, 1);
    this.planAfterthought(course, at);
    if (random.chance(behaviour.CROSSING))
      this.later(at, 1_000, DAY, recipient, (then) => this.invite(recipient, inviter, then, false));
  }

  private planReminder(course: Course, sentAt: number, ordinal: number): void {
    const due = DEFAULT_POLICY.remindersMs[ordinal - 1];
    if (due === undefined) return;
    const { fromMs, toMs } = behaviour.SERVICE_DELAY;
    const at = sentAt + due + this.random.between(fromMs, toMs);
    this.agenda.add(at, () => {
      const commandId = serviceCommandId(
        `reminder ${ordinal} of ${course.invitationId}, asked for at ${iso(at)}`,
      );
      const { invitationId } = course;
      const events = this.ask({ type: 'RemindRecipient', commandId, at: iso(at), invitationId, ordinal });
      if (events.length === 0) return;
      if (this.random.chance(course.temper.answersReminder[ordinal - 1] ?? 0)) {
        const { medianMs, sigma } = behaviour.ANSWER_TO_REMINDER;
        const soon = at + this.random.lognormal(medianMs, sigma);
        this.planAnswer(course, soon, behaviour.BY_EMAIL.afterReminder);
      }
      this.planReminder(course, sentAt, ordinal + 1);
    });
  }

  private planAnswer(course: Course, from: number, byEmail: number): void {
    const at = whenAwake(this.random, from, course.recipient.offsetMs);
    this.agenda.add(at, () => this.answer(course, at, byEmail));
  }

  private answer(course: Course, at: number, byEmail: number): void {
    const { random } = this;
    const { accepts, replies } = course.temper;
    const turn = random.fraction();
    if (turn < accepts) this.accept(course, at, byEmail);
    else if (turn < accepts + replies) this.reply(course, at);
    else this.ignore(course, at);
  }

  private accept(course: Course, at: number, byEmail: number): void {
    const { random } = this;
    const via = random.chance(byEmail) ? 'email' : 'site';
    const [accepted] = this.ask({ type: 'AcceptInvitation', ...this.byRecipient(course, at), via });
    if (accepted === undefined) return;
    const then = at + random.between(behaviour.SERVICE_DELAY.fromMs, behaviour.SERVICE_DELAY.toMs);
    this.agenda.add(then, () =>
      this.ask({
        type: 'RecordConnection',
        commandId: serviceCommandId(`connection of ${toStored(accepted, 0).id}`),
        at: iso(then),
        accountId: course.recipient.id,
        memberId: course.inviter.id,
        through: course.invitationId,
      }),
    );
  }

  private reply(course: Course, at: number): void {
    const message = this.random.of(REPLIES);
    const events = this.ask({ type: 'ReplyToInvitation', ...this.byRecipient(course, at), message });
    const { probability, medianMs, sigma } = behaviour.ACCEPTANCE_AFTER_REPLY;
    if (events.length > 0 && this.random.chance(probability))
      this.planAcceptance(course, at + this.random.lognormal(medianMs, sigma));
  }

  private ignore(course: Course, at: number): void {
    const { random } = this;
    const events = this.ask({ type: 'IgnoreInvitation', ...this.byRecipient(course, at) });
    if (events.length === 0) return;
    if (random.chance(course.temper.declines)) {
      const then = at + random.lognormal(behaviour.DECLINE.medianMs, behaviour.DECLINE.sigma);
      this.agenda.add(then, () => this.decline(course, then));
    } else if (random.chance(course.temper.changesMind)) {
      const { medianMs, sigma } = behaviour.CHANGE_OF_MIND;
      this.planAcceptance(course, at + random.lognormal(medianMs, sigma));
    }
  }

  private planAcceptance(course: Course, from: number): void {
    const at = whenAwake(this.random, from, course.recipient.offsetMs);
    this.agenda.add(at, () => this.accept(course, at, 0));
  }

  private decline(course: Course, at: number): void {
    const events = this.ask({ type: 'DeclineInvitation', ...this.byRecipient(course, at) });
    const isRestricted = events.some(({ type }) => type === 'AccountRestricted');
    const { probability, fromMs, toMs } = behaviour.LIFTED;
    if (!isRestricted || !this.random.chance(probability)) return;
    this.later(at, fromMs, toMs, course.inviter, (then) =>
      this.ask({
        type: 'LiftRestriction',
        ...this.asked(then),
        accountId: course.inviter.id,
        operatorId: 'olga',
        reason: this.random.of(REASONS),
      }),
    );
  }

  /** What the inviter does about an invitation that, for all that they can see, has no answer. */
  private planAfterthought(course: Course, sentAt: number): void {
    const { random } = this;
    const { inviter, recipient, invitationId } = course;
    const turn = random.fraction();
    const { FOLLOW_UP, WITHDRAWAL } = behaviour;
    const ifPending = (act: (at: number) => void) => (at: number) => {
      const status = this.society.statusOf(inviter.id, invitationId);
      if (status === 'untouched' || status === 'ignored' || status === 'declined') act(at);
    };
    if (turn < FOLLOW_UP.probability) {
      const act = ifPending((at) => this.invite(inviter, recipient, at, false));
      this.later(sentAt, FOLLOW_UP.fromMs, FOLLOW_UP.toMs, inviter, act);
    } else if (turn < FOLLOW_UP.probability + WITHDRAWAL.probability) {
      const act = ifPending((at) => this.withdraw(course, at));
      this.later(sentAt, WITHDRAWAL.fromMs, WITHDRAWAL.toMs, inviter, act);
    }
  }

  private withdraw({ inviter, recipient, invitationId }: Course, at: number): void {
    this.ask({ type: 'WithdrawInvitation', ...this.asked(at), invitationId, actorId: inviter.id });
    const { probability, knowsAddress, fromMs, toMs } = behaviour.NEW_AFTER_WITHDRAWAL;
    if (!this.random.chance(probability)) return;
    this.later(at, fromMs, toMs, inviter, (then) =>
      this.invite(inviter, recipient, then, this.random.chance(knowsAddress)),
    );
  }

  private later(
    at: number,
    fromMs: number,
    toMs: number,
    who: SampleMember,
    act: (then: number) => void,
  ): void {
    const then = whenAwake(this.random, at + this.random.between(fromMs, toMs), who.offsetMs);
    this.agenda.add(then, () => act(then));
  }

  private ask(command: Command): readonly InvitationEvent[] {
    const happened = this.society.ask(command);
    if (happened !== undefined) this.tell(happened);
    return happened?.events ?? [];
  }

  private asked(at: number) {
    return { commandId: this.random.uuid(), at: iso(at) };
  }

  private byRecipient({ recipient, invitationId }: Course, at: number) {
    return { ...this.asked(at), invitationId, actorId: recipient.id };
  }
}
