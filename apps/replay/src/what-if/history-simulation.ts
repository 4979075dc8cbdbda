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
import { inferCommand } from './infer-command.js';

/** Something that happened and would not have happened under the other policy, or the reverse. */
export interface Difference {
  readonly accountId: string;
  readonly kind: DifferenceKind;
  readonly at: string;
  /** The type of the event that happened, or would have. */
  readonly type: InvitationEvent['type'];
  readonly invitationId?: string;
  /** Why an invitation would have been refused. */
  readonly code?: RefusalCode;
}

/** The kinds of differences, with their explanations. */
export const DIFFERENCE_KINDS = {
  refused: 'an invitation that was sent would have been refused',
  void: 'what was done would have had nothing to be done to, since an invitation or a restriction would not be there',
  restricted: 'the account would have been restricted then, and was not',
  'not-restricted': 'the account was restricted then, and would not have been',
  reminded: 'a reminder would have been sent, and was not',
  'not-reminded': 'a reminder was sent, and would not have been',
  changed: 'it would have happened, but not quite the same: a follow-up would not have been one, say',
} as const;

export type DifferenceKind = keyof typeof DIFFERENCE_KINDS;

export interface Policies {
  /** The policy of the service, which shows which reminders the service asked for itself. */
  readonly present: Policy;
  /** The policy that is simulated. */
  readonly other: Policy;
}

/**
 * Decides a history again under another policy, by the same `decide`. Expects the events in the order of the log, and reports
 * each difference as soon as it is certain.
 */
export class HistorySimulation {
  private readonly accounts = new Map<string, AccountSimulation>();
  /** Invitations that would not have been accepted. The connection in the other account would be missing, too. */
  private readonly neverAccepted = new Set<string>();
  private lastInstant = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly policies: Policies,
    private readonly report: (difference: Difference) => void,
  ) {}

  apply(accountId: string, event: InvitationEvent): void {
    this.lastInstant = Math.max(this.lastInstant, Date.parse(event.at));
    const account = this.account(accountId);
    if (event.type === 'ConnectionRecorded' && this.neverAccepted.has(event.through)) {
      account.omit(event);
      return;
    }
    const happens = account.apply(event);
    if (!happens && event.type === 'InvitationAccepted') this.neverAccepted.add(event.invitationId);
  }

  /** Reports the differences up to the instant of the last event. Call it after the last event. */
  finish(): void {
    for (const account of this.accounts.values()) account.finish(this.lastInstant);
  }

  get accountCount(): number {
    return this.accounts.size;
  }

  private account(id: string): AccountSimulation {
    const known = this.accounts.get(id);
    if (known !== undefined) return known;
    const account = new AccountSimulation(id, this.policies, this.report);
    this.accounts.set(id, account);
    return account;
  }
}

/** Simulates one account, event by event. */
class AccountSimulation {
  /** The state under the other policy. */
  private readonly account = initialState();
  /** Invitations that were untouched at this point of the actual history. */
  private readonly untouched = new Set<string>();
  private readonly reminders: ReminderSchedule;
  /** The restriction that the last decline would have caused. The next event shows whether it did. */
  private expectedRestriction: Difference | undefined;

  constructor(
    private readonly accountId: string,
    private readonly policies: Policies,
    private readonly report: (difference: Difference) => void,
  ) {
    this.reminders = new ReminderSchedule(policies.other.remindersMs);
  }

  /** @returns whether the event would have happened under the other policy as well */
  apply(event: InvitationEvent): boolean {
    this.remindUntil(Date.parse(event.at));
    if (event.type === 'AccountRestricted') return this.applyRestriction(event);
    this.reportExpectedRestriction();
    const command = this.inferCommand(event);
    const decision = decide(this.account, command, this.policies.other);
    const [simulated, restriction] = decision.outcome === 'accepted' ? decision.events : [];
    this.trackUntouched(event);
    if (simulated === undefined) {
      const code = decision.outcome === 'refused' ? decision.code : undefined;
      this.reportDifference(kindOfAbsence(event), event, event.type === 'InvitationSent' ? { code } : {});
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
    this.remindUntil(Date.parse(event.at));
    this.reportExpectedRestriction();
    this.trackUntouched(event);
    this.reportDifference('void', event);
  }

  /** @param end the end of the history, in milliseconds since 1970 */
  finish(end: number): void {
    this.reportExpectedRestriction();
    this.remindUntil(end);
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

  private remindUntil(instant: number): void {
    for (const reminder of this.reminders.takeUntil(instant))
      if (!this.isDecidedByLog(reminder)) this.remind(reminder);
  }

  /**
   * Whether the present policy has this reminder, too. Then the service has asked for it, or an outage has prevented that, and
   * the log shows which.
   */
  private isDecidedByLog({ invitationId, ordinal }: ScheduledReminder): boolean {
    const { present, other } = this.policies;
    return this.untouched.has(invitationId) && present.remindersMs.includes(other.remindersMs[ordinal - 1]!);
  }

  private remind({ invitationId, ordinal, due }: ScheduledReminder): void {
    const commandId = `reminder ${ordinal} of ${invitationId}, had it been due`;
    const command = { commandId, invitationId, ordinal, at: new Date(due).toISOString() };
    const decision = decide(this.account, { type: 'RemindRecipient', ...command }, this.policies.other);
    const [reminder] = decision.outcome === 'accepted' ? decision.events : [];
    if (reminder === undefined) return;
    this.evolve(reminder);
    this.reportDifference('reminded', reminder);
  }

  private evolve(event: InvitationEvent): void {
    evolve(this.account, event);
    if (event.type === 'InvitationSent') this.reminders.add(event.invitationId, Date.parse(event.at));
  }

  private trackUntouched(event: InvitationEvent): void {
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

/** The kind of difference for an event that would not have happened. */
function kindOfAbsence({ type }: InvitationEvent): DifferenceKind {
  if (type === 'InvitationSent') return 'refused';
  return type === 'InvitationReminderDue' ? 'not-reminded' : 'void';
}

interface ScheduledReminder {
  readonly invitationId: InvitationId;
  /** 1 for the first reminder. */
  readonly ordinal: number;
  /** Milliseconds since 1970. */
  readonly due: number;
}

/** The reminders of an account's invitations. It has a queue for each ordinal, because later invitations are due later. */
class ReminderSchedule {
  private readonly queues: ScheduledReminder[][];

  constructor(private readonly remindersMs: Policy['remindersMs']) {
    this.queues = remindersMs.map(() => []);
  }

  add(invitationId: InvitationId, sentAt: number): void {
    this.remindersMs.forEach((ms, index) =>
      this.queues[index]!.push({ invitationId, ordinal: index + 1, due: sentAt + ms }),
    );
  }

  /** Removes and yields the reminders that are due by `instant`, earliest first. */
  *takeUntil(instant: number): Generator<ScheduledReminder, void, void> {
    for (;;) {
      const first = this.queues
        .filter(([head]) => head !== undefined && head.due <= instant)
        .toSorted(([one], [other]) => one!.due - other!.due)[0];
      if (first === undefined) return;
      yield first.shift()!;
    }
  }
}
