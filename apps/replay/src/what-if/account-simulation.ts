import { isDeepStrictEqual } from 'node:util';
import {
  decide,
  evolve,
  initialState,
  reminderWindow,
  type Command,
  type InvitationEvent,
  type InvitationId,
  type Policy,
  type RefusalCode,
} from '#libs/invitation';
import type { Difference, DifferenceKind } from './difference.js';
import { inferCommand } from './infer-command.js';
import { Schedule, type ScheduledStep } from './schedule.js';

export interface Policies {
  /** The policy of the service, which shows which reminders and expiries the service asked for itself. */
  readonly present: Policy;
  /** The policy that is simulated. */
  readonly other: Policy;
}

/** Simulates one account, event by event. */
export class AccountSimulation {
  /** The state under the other policy. */
  private readonly account = initialState();
  /** Invitations that were untouched at this point of the actual history. */
  private readonly untouched = new Set<string>();
  /** Invitations that were open at this point of the actual history, as far as their inviter could know. */
  private readonly open = new Set<string>();
  private readonly schedule: Schedule;
  /** The restriction that the last decline would have caused. The next event shows whether it did. */
  private expectedRestriction: Difference | undefined;

  constructor(
    private readonly accountId: string,
    private readonly policies: Policies,
    private readonly report: (difference: Difference) => void,
  ) {
    this.schedule = new Schedule(policies.other);
  }

  /** @returns whether the event would have happened under the other policy as well */
  apply(event: InvitationEvent): boolean {
    this.runScheduleUntil(Date.parse(event.at));
    if (event.type === 'AccountRestricted') return this.applyRestriction(event);
    this.reportExpectedRestriction();
    const command = this.inferCommand(event);
    const decision = decide(this.account, command, this.policies.other);
    const [simulated, restriction] = decision.outcome === 'accepted' ? decision.events : [];
    this.trackActual(event);
    if (simulated === undefined) {
      // An expiry that came later than it would have is reported when it would have come.
      if (event.type === 'InvitationExpired' && this.hasExpired(event.invitationId)) return true;
      const code = decision.outcome === 'refused' ? decision.code : undefined;
      this.reportDifference(
        kindOfAbsence(event, code),
        event,
        event.type === 'InvitationSent' ? { code } : {},
      );
      return false;
    }
    this.evolve(simulated);
    if (!isDeepStrictEqual(simulated, event)) this.reportDifference('changed', event);
    if (restriction !== undefined) {
      this.evolve(restriction);
      this.expectedRestriction = this.createDifference('restricted', restriction);
    }
    return true;
  }

  /** Reports an event that would not have happened because of a difference in another account. */
  omit(event: InvitationEvent): void {
    this.runScheduleUntil(Date.parse(event.at));
    this.reportExpectedRestriction();
    this.trackActual(event);
    this.reportDifference('void', event);
  }

  /** @param end the end of the history, in milliseconds since 1970 */
  finish(end: number): void {
    this.reportExpectedRestriction();
    this.runScheduleUntil(end);
  }

  private applyRestriction(event: InvitationEvent): boolean {
    const isExpected = this.expectedRestriction !== undefined;
    this.expectedRestriction = undefined;
    // If the simulated account is already restricted, that earlier restriction has been reported.
    if (!isExpected && !this.account.restricted) this.reportDifference('not-restricted', event);
    return isExpected;
  }

  private reportExpectedRestriction(): void {
    if (this.expectedRestriction !== undefined) this.report(this.expectedRestriction);
    this.expectedRestriction = undefined;
  }

  /** Under the other policy, a reminder sent at this time may have another ordinal, or 0 if no reminder is due then. */
  private inferCommand(event: InvitationEvent): Command {
    const command = inferCommand(event)!;
    if (command.type !== 'RemindRecipient') return command;
    const invitation = this.account.invitations.get(command.invitationId);
    if (invitation?.status !== 'untouched') return command;
    const elapsed = Date.parse(event.at) - Date.parse(invitation.sentAt);
    const { other } = this.policies;
    const index = other.remindersMs.findIndex((_ms, position) => {
      const { fromMs, toMs } = reminderWindow(other, position + 1)!;
      return fromMs <= elapsed && elapsed <= toMs;
    });
    return { ...command, ordinal: index + 1 };
  }

  private runScheduleUntil(instant: number): void {
    for (const step of this.schedule.takeUntil(instant)) if (!this.isDecidedByLog(step)) this.run(step);
  }

  /**
   * Whether the present policy has this reminder, or this expiry, too. Then the service has asked for it, or an outage has
   * prevented that, and the log shows which.
   */
  private isDecidedByLog({ invitationId, ordinal }: ScheduledStep): boolean {
    const { present, other } = this.policies;
    return ordinal === 'expiry'
      ? this.open.has(invitationId) && present.invitationExpiryMs === other.invitationExpiryMs
      : this.untouched.has(invitationId) && present.remindersMs.includes(other.remindersMs[ordinal - 1]!);
  }

  private run({ invitationId, recipientId, ordinal, due }: ScheduledStep): void {
    const commandId = `${ordinal} of ${invitationId}, had it been due`;
    const asked = { commandId, invitationId, at: new Date(due).toISOString() };
    const command: Command =
      ordinal === 'expiry'
        ? { type: 'ExpireInvitation', ...asked, recipientId }
        : { type: 'RemindRecipient', ...asked, ordinal };
    const decision = decide(this.account, command, this.policies.other);
    const [event] = decision.outcome === 'accepted' ? decision.events : [];
    if (event === undefined) return;
    this.evolve(event);
    this.reportDifference(ordinal === 'expiry' ? 'expired' : 'reminded', event);
  }

  private hasExpired(invitationId: InvitationId): boolean {
    return this.account.invitations.get(invitationId)?.status === 'expired';
  }

  private evolve(event: InvitationEvent): void {
    evolve(this.account, event);
    if (event.type === 'InvitationSent') this.schedule.add(event);
  }

  private trackActual(event: InvitationEvent): void {
    const { untouched, open } = this;
    const closed =
      event.type === 'InvitationSent'
        ? event.supersedes
        : event.type === 'ConnectionRecorded'
          ? event.closes
          : CLOSING.has(event.type) && 'invitationId' in event
            ? event.invitationId
            : undefined;
    if (closed !== undefined) {
      untouched.delete(closed);
      open.delete(closed);
    }
    if (event.type === 'InvitationSent') {
      untouched.add(event.invitationId);
      open.add(event.invitationId);
    } else if ('invitationId' in event && event.type !== 'InvitationReminderDue') {
      untouched.delete(event.invitationId);
    }
  }

  private reportDifference(
    kind: DifferenceKind,
    event: InvitationEvent,
    more: Partial<Difference> = {},
  ): void {
    this.report({ ...this.createDifference(kind, event), ...more });
  }

  private createDifference(kind: DifferenceKind, event: InvitationEvent): Difference {
    const { at, type } = event;
    const of = 'invitationId' in event ? { invitationId: event.invitationId } : {};
    return { accountId: this.accountId, kind, at, type, ...of };
  }
}

/** Events that close an invitation in the inviter's sight. */
const CLOSING: ReadonlySet<InvitationEvent['type']> = new Set([
  'InvitationAccepted',
  'InvitationWithdrawn',
  'InvitationExpired',
  'InvitationClosed',
]);

/** The kind of difference for an event that would not have happened. */
function kindOfAbsence({ type }: InvitationEvent, code: RefusalCode | undefined): DifferenceKind {
  if (type === 'InvitationSent') return 'refused';
  if (type === 'InvitationExpired') return code === 'TOO_SOON' ? 'not-expired' : 'void';
  return type === 'InvitationReminderDue' ? 'not-reminded' : 'void';
}
