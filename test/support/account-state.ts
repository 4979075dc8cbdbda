import {
  accountStateProjection,
  findProjectedAccounts,
  type AccountEvent,
  type AccountStateRow,
  type AskedEntries,
} from '#libs/account-state';
import type { InvitationEvent } from '#libs/invitation';
import type { Queryable } from '#libs/platform';

/** The projection `account-state` in memory, which is behind the streams until it is told to catch up. */
export class MemoryAccountState {
  readonly rows = new Map<string, AccountStateRow>();
  private readonly pending: AccountEvent[] = [];
  private readonly revisions = new Map<string, bigint>();

  append(accountId: string, events: readonly InvitationEvent[]): void {
    for (const event of events) {
      const revision = (this.revisions.get(accountId) ?? -1n) + 1n;
      this.revisions.set(accountId, revision);
      this.pending.push({ accountId, revision, id: eventIdAt(accountId, revision), event });
    }
  }

  /** Folds the next events, by default all of them. */
  project(count = this.pending.length): void {
    for (const event of this.pending.splice(0, count)) this.apply(event);
  }

  apply(event: AccountEvent): void {
    for (const key of accountStateProjection.keysOf(event)) {
      const row = accountStateProjection.fold(this.rows.get(key), event, key);
      // As a row that was read from a column of type jsonb.
      if (row !== undefined) this.rows.set(key, JSON.parse(JSON.stringify(row)) as AccountStateRow);
    }
  }

  find(asked: readonly AskedEntries[], memberIds: readonly string[] = []) {
    const query = async ({ values }: { values: string[][] }) => this.query(values);
    return findProjectedAccounts({ query } as unknown as Queryable, asked, memberIds);
  }

  /** Answers the statement of `findProjectedAccounts`. */
  query([keys, accountIds, invitationKeys, memberIds]: string[][]): { rows: object[] } {
    const relations = invitationKeys!.map((key, index) => {
      const { recipientId } = (this.rows.get(key)?.state ?? {}) as { recipientId?: string };
      return `${accountIds![index]} r ${recipientId}`;
    });
    const isClosed = (key: string) => 'closed' in (this.rows.get(key)?.state ?? {});
    return {
      rows: [
        ...[...keys!, ...relations].flatMap((key) => this.rows.get(key) ?? []),
        ...memberIds!.filter(isClosed).map((key) => ({ key, revision: null, state: null })),
      ],
    };
  }
}

/** The id of an event in the streams of tests that keep events without ids. */
export const eventIdAt = (accountId: string, revision: bigint): string => `${accountId}@${revision}`;
