import type { InvitationId, InvitationSent, MemberId, Policy } from '#libs/invitation';

export interface ScheduledStep {
  readonly invitationId: InvitationId;
  readonly recipientId: MemberId;
  /** Of a reminder: 1 for the first. */
  readonly ordinal: number | 'expiry';
  /** Milliseconds since 1970. */
  readonly due: number;
}

/** The reminders and expiries of an account's invitations. It has a queue for each ordinal, because later invitations are due later. */
export class Schedule {
  private readonly times: readonly { readonly ordinal: number | 'expiry'; readonly ms: number }[];
  private readonly queues: readonly ScheduledStep[][];

  constructor({ remindersMs, invitationExpiryMs }: Policy) {
    this.times = [
      ...remindersMs.map((ms, index) => ({ ordinal: index + 1, ms })),
      ...(invitationExpiryMs > 0 ? [{ ordinal: 'expiry' as const, ms: invitationExpiryMs }] : []),
    ];
    this.queues = this.times.map(() => []);
  }

  add({ invitationId, recipientId, at }: InvitationSent): void {
    this.times.forEach(({ ordinal, ms }, index) =>
      this.queues[index]!.push({ invitationId, recipientId, ordinal, due: Date.parse(at) + ms }),
    );
  }

  /** Removes and yields the steps that are due by `instant`, earliest first. */
  *takeUntil(instant: number): Generator<ScheduledStep, void, void> {
    for (;;) {
      const first = this.queues
        .filter(([head]) => head !== undefined && head.due <= instant)
        .toSorted(([one], [other]) => one!.due - other!.due)[0];
      if (first === undefined) return;
      yield first.shift()!;
    }
  }
}
