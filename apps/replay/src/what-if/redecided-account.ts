import { isDeepStrictEqual } from 'node:util';
import {
  decide,
  evolve,
  openAccount,
  reminderWindow,
  type Command,
  type InvitationEvent,
  type Policy,
} from '#libs/invitation';
import { commandBehind } from './recovered-command.js';
import type { Difference, DifferenceKind } from './difference.js';
import { DueReminders, type DueReminder } from './due-reminders.js';

/** What was so, and what is asked. */
export interface Policies {
  /** Tells which reminders the service asked for itself. */
  readonly present: Policy;
  readonly other: Policy;
}

/** One account, decided again event by event. */
export class RedecidedAccount {
  /** As it would be. */
  private readonly account = openAccount();
  /** Invitations that were untouched at this point of what did happen. */
  private readonly untouched = new Set<string>();
  private readonly reminders: DueReminders;
  /** The restriction that a decline would have brought; the log tells next whether it did. */
  private awaited: Difference | undefined;

  constructor(
    private readonly accountId: string,
    private readonly policies: Policies,
    private readonly tell: (difference: Difference) => void,
  ) {
    this.reminders = new DueReminders(policies.other.remindersMs);
  }

  /** @returns whether it would have happened, too */
  take(event: InvitationEvent): boolean {
    this.remindUntil(Date.parse(event.at));
    if (event.type === 'AccountRestricted') return this.restricted(event);
    this.settleRestriction();
    const command = this.asked(event);
    const decision = decide(this.account, command, this.policies.other);
    const [instead, beside] = decision.outcome === 'accepted' ? decision.events : [];
    this.remember(event);
    if (instead === undefined) {
      const code = decision.outcome === 'refused' ? decision.code : undefined;
      this.different(kindOfAbsence(event), event, event.type === 'InvitationSent' ? { code } : {});
      return false;
    }
    this.evolve(instead);
    if (!isDeepStrictEqual(instead, event)) this.different('changed', event);
    if (beside !== undefined) {
      this.evolve(beside);
      this.awaited = this.differenceOf('restricted', beside);
    }
    return true;
  }

  /** What would not have happened because of what is different in another account. */
  omit(event: InvitationEvent): void {
    this.remindUntil(Date.parse(event.at));
    this.settleRestriction();
    this.remember(event);
    this.different('void', event);
  }

  /** @param end of the history, in milliseconds since 1970 */
  finish(end: number): void {
    this.settleRestriction();
    this.remindUntil(end);
  }

  private restricted(event: InvitationEvent): boolean {
    const isAwaited = this.awaited !== undefined;
    this.awaited = undefined;
    // Where it is already, it was told when it came, earlier than it did.
    if (!isAwaited && !this.account.restricted) this.different('not-restricted', event);
    return isAwaited;
  }

  private settleRestriction(): void {
    if (this.awaited !== undefined) this.tell(this.awaited);
    this.awaited = undefined;
  }

  /** A reminder counts by when it was sent: it may be another's turn by then, or nobody's. */
  private asked(event: InvitationEvent): Command {
    const command = commandBehind(event)!;
    if (command.type !== 'RemindRecipient') return command;
    const invitation = this.account.invitations.get(command.invitationId);
    if (invitation?.status !== 'untouched') return command;
    const after = Date.parse(event.at) - Date.parse(invitation.sentAt);
    const { other } = this.policies;
    const turn = other.remindersMs.findIndex((_ms, index) => {
      const { fromMs, toMs } = reminderWindow(other, index + 1)!;
      return fromMs <= after && after <= toMs;
    });
    return { ...command, ordinal: turn + 1 };
  }

  private remindUntil(instant: number): void {
    for (const reminder of this.reminders.until(instant))
      if (!this.isInTheLog(reminder)) this.remind(reminder);
  }

  /**
   * The service asked for this one itself, in time or too late or never, as outages would have it: then the log has
   * the last word.
   */
  private isInTheLog({ invitationId, ordinal }: DueReminder): boolean {
    const { present, other } = this.policies;
    return this.untouched.has(invitationId) && present.remindersMs.includes(other.remindersMs[ordinal - 1]!);
  }

  private remind({ invitationId, ordinal, due }: DueReminder): void {
    const commandId = `reminder ${ordinal} of ${invitationId}, had it been due`;
    const command = { commandId, invitationId, ordinal, at: new Date(due).toISOString() };
    const decision = decide(this.account, { type: 'RemindRecipient', ...command }, this.policies.other);
    const [reminder] = decision.outcome === 'accepted' ? decision.events : [];
    if (reminder === undefined) return;
    this.evolve(reminder);
    this.different('reminded', reminder);
  }

  private evolve(event: InvitationEvent): void {
    evolve(this.account, event);
    if (event.type === 'InvitationSent') this.reminders.sent(event.invitationId, Date.parse(event.at));
  }

  private remember(event: InvitationEvent): void {
    const { untouched } = this;
    if (event.type === 'InvitationSent') {
      if (event.supersedes !== undefined) untouched.delete(event.supersedes);
      untouched.add(event.invitationId);
    } else if (event.type === 'ConnectionRecorded') {
      if (event.closes !== undefined) untouched.delete(event.closes);
    } else if ('invitationId' in event && event.type !== 'InvitationReminderDue') {
      untouched.delete(event.invitationId);
    }
  }

  private different(kind: DifferenceKind, event: InvitationEvent, more: Partial<Difference> = {}): void {
    this.tell({ ...this.differenceOf(kind, event), ...more });
  }

  private differenceOf(kind: DifferenceKind, event: InvitationEvent): Difference {
    const { at, type } = event;
    const of = 'invitationId' in event ? { invitationId: event.invitationId } : {};
    return { accountId: this.accountId, kind, at, type, ...of };
  }
}

function kindOfAbsence({ type }: InvitationEvent): DifferenceKind {
  if (type === 'InvitationSent') return 'refused';
  return type === 'InvitationReminderDue' ? 'not-reminded' : 'void';
}
