import type { Account } from '#libs/invitation';

/**
 * Proves that deciding changes nothing: while it watches, every change of the account throws. Maps and sets cannot be
 * frozen, so their methods are replaced; their entries are frozen when they are added.
 */
export class Guard {
  private watches = false;

  constructor(private readonly account: Account) {
    for (const map of [account.relations, account.invitations] as Map<string, object>[]) {
      map.forEach((value) => Object.freeze(value));
      const set = map.set.bind(map);
      this.cover(map, 'set', (key: string, value: object) => set(key, Object.freeze(value)));
    }
    for (const set of [account.declinedBy, account.processedCommandIds])
      this.cover(set, 'add', set.add.bind(set));
    for (const all of [
      account.relations,
      account.invitations,
      account.declinedBy,
      account.processedCommandIds,
    ]) {
      this.cover(all, 'delete', () => false);
      this.cover(all, 'clear', all.clear.bind(all));
    }
  }

  watching<Result>(work: () => Result): Result {
    const { sent, restricted } = this.account;
    this.watches = true;
    const result = work();
    this.watches = false;
    if (sent !== this.account.sent || restricted !== this.account.restricted)
      throw new Error('deciding changed the account');
    return result;
  }

  private cover(on: object, method: string, change: (...args: never[]) => unknown): void {
    const value = (...args: never[]) => {
      if (this.watches) throw new Error(`deciding changed the account: ${method}`);
      return change(...args);
    };
    Object.defineProperty(on, method, { value });
  }
}
