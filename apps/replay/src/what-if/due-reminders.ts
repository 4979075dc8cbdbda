import type { InvitationId, Policy } from '#libs/invitation';

export interface DueReminder {
  readonly invitationId: InvitationId;
  /** 1 for the first. */
  readonly ordinal: number;
  /** Milliseconds since 1970. */
  readonly due: number;
}

/** When the reminders of one account's invitations are due: for each ordinal a queue, for later ones are due later. */
export class DueReminders {
  private readonly queues: DueReminder[][];

  constructor(private readonly remindersMs: Policy['remindersMs']) {
    this.queues = remindersMs.map(() => []);
  }

  sent(invitationId: InvitationId, sentAt: number): void {
    this.remindersMs.forEach((ms, index) =>
      this.queues[index]!.push({ invitationId, ordinal: index + 1, due: sentAt + ms }),
    );
  }

  /** Those due until then, the earliest first; each is given once. */
  *until(instant: number): Generator<DueReminder, void, void> {
    for (;;) {
      const first = this.queues
        .filter(([head]) => head !== undefined && head.due <= instant)
        .toSorted(([one], [other]) => one!.due - other!.due)[0];
      if (first === undefined) return;
      yield first.shift()!;
    }
  }
}
