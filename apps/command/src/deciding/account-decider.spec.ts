import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  AccountGone,
  Conflict,
  EventStoreUnavailable,
  type AccountAt,
  type AccountRepository,
} from '#libs/event-store';
import { DEFAULT_POLICY, evolve, openAccount, type InvitationEvent } from '#libs/invitation';
import {
  accept,
  accepted,
  act,
  AMAL,
  BILAL,
  id,
  ignored,
  send,
  sent,
} from '../../../../test/support/story.js';
import { AccountDecider } from './account-decider.js';

/** Streams in memory, which another writer can carry on and which can be told to fail. */
class Streams implements Pick<AccountRepository, 'read' | 'readOn' | 'append'> {
  readonly calls: string[] = [];
  /** What the next appends do before they append, the first entry first. */
  readonly before: (() => void)[] = [];
  /** What the next appends do once they have appended. */
  readonly after: (() => void)[] = [];
  readonly streams = new Map<string, InvitationEvent[]>();

  happened(...events: InvitationEvent[]): void {
    this.of(AMAL).push(...events);
  }

  of(accountId: string): InvitationEvent[] {
    const events = this.streams.get(accountId) ?? [];
    this.streams.set(accountId, events);
    return events;
  }

  async read(accountId: string): Promise<AccountAt> {
    this.calls.push('read');
    return this.fold(accountId, { account: openAccount(), revision: undefined });
  }

  async readOn(accountId: string, at: AccountAt): Promise<AccountAt> {
    this.calls.push('readOn');
    return this.fold(accountId, at);
  }

  async append(accountId: string, revision: bigint | undefined, events: readonly InvitationEvent[]) {
    this.calls.push('append');
    this.before.shift()?.();
    const stream = this.of(accountId);
    if (Number(revision ?? -1n) !== stream.length - 1) throw new Conflict(accountId);
    stream.push(...events);
    this.after.shift()?.();
    return BigInt(stream.length - 1);
  }

  private fold(accountId: string, { account, revision }: AccountAt): AccountAt {
    const stream = this.of(accountId);
    stream.slice(Number(revision ?? -1n) + 1).reduce(evolve, account);
    return { account, revision: stream.length === 0 ? undefined : BigInt(stream.length - 1) };
  }
}

const outage = () => {
  throw new EventStoreUnavailable('no clear answer');
};

describe('deciding about an account', () => {
  let streams: Streams;
  let decider: AccountDecider;

  beforeEach(() => {
    streams = new Streams();
    decider = new AccountDecider(streams as unknown as AccountRepository, DEFAULT_POLICY, 2 ** 20);
  });

  it('answers each command in order, and appends the events of all at once', async () => {
    const refusals = await decider.carryOut(AMAL, [
      send(1),
      act('IgnoreInvitation', 2),
      accept(3),
      act('DeclineInvitation', 4),
    ]);
    expect(refusals).toEqual([undefined, undefined, undefined, 'ALREADY_ANSWERED']);
    expect(streams.of(AMAL)).toEqual([sent(1), ignored(2), accepted(3)]);
    expect(streams.calls).toEqual(['read', 'append']);
  });

  it('carries the account on behind a refusal only when called again, for that is to be stored first', async () => {
    const commands = [
      send(1),
      act('DeclineInvitation', 2),
      act('WithdrawInvitation', 3, 'chiara'),
      accept(4),
    ];
    expect(await decider.carryOut(AMAL, commands)).toEqual([undefined, 'NOT_IGNORED', 'NOT_FOUND']);
    expect(streams.of(AMAL)).toEqual([sent(1)]);
    expect(await decider.carryOut(AMAL, [accept(4)])).toEqual([undefined]);
    expect(streams.of(AMAL)).toEqual([sent(1), accepted(4)]);
  });

  it('reads an account that it keeps no second time', async () => {
    await decider.carryOut(AMAL, [send(1)]);
    await decider.carryOut(AMAL, [accept(2)]);
    expect(streams.calls).toEqual(['read', 'append', 'append']);
  });

  it('refuses what is asked of an account that was deleted for ever: its partition is not to wait for it', async () => {
    await decider.carryOut(AMAL, [send(1)]);
    streams.before.push(() => {
      throw new AccountGone(AMAL);
    });
    expect(await decider.carryOut(AMAL, [accept(2), send(3)])).toEqual(['NOT_FOUND', 'ACCOUNT_RESTRICTED']);
    expect(streams.of(AMAL)).toEqual([sent(1)]);
  });

  it('D10: does nothing about a command that the account has carried out', async () => {
    await decider.carryOut(AMAL, [send(1)]);
    expect(await decider.carryOut(AMAL, [send(1), send(1)])).toEqual([undefined, undefined]);
    expect(streams.of(AMAL)).toEqual([sent(1)]);
    expect(streams.calls).toEqual(['read', 'append']);
  });

  it('reads and decides again when another writer was faster', async () => {
    await decider.carryOut(AMAL, [send(1)]);
    streams.before.push(() => streams.happened(accepted(2)));
    expect(await decider.carryOut(AMAL, [accept(3)])).toEqual(['ALREADY_ANSWERED']);
    expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
    expect(streams.calls.slice(2)).toEqual(['append', 'read']);
  });

  it('refuses by no stale account: another process may have had it meanwhile', async () => {
    await decider.carryOut(AMAL, [act('WithdrawInvitation', 9, AMAL)]);
    streams.happened(sent(1));
    expect(await decider.carryOut(AMAL, [accept(2)])).toEqual([undefined]);
    expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
    expect(streams.calls).toEqual(['read', 'readOn', 'append']);
  });

  describe('of an account that is thought to be new', () => {
    it('appends without a read', async () => {
      expect(await decider.carryOut(AMAL, [send(1), accept(2)], 'new')).toEqual([undefined, undefined]);
      expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
      expect(streams.calls).toEqual(['append']);
    });

    it('reads it after all when it is not, and decides again', async () => {
      streams.happened(sent(1), accepted(2));
      expect(await decider.carryOut(AMAL, [send(3)], 'new')).toEqual(['ALREADY_CONNECTED']);
      expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
      expect(streams.calls).toEqual(['append', 'read']);
    });

    it('refuses nothing before it has read it: a refusal stands for ever', async () => {
      streams.happened(sent(1));
      expect(await decider.carryOut(AMAL, [accept(2)], 'new')).toEqual([undefined]);
      expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
      expect(streams.calls).toEqual(['readOn', 'append']);
    });

    it('refuses where the guess was right, too, once it has read that there is nothing', async () => {
      expect(await decider.carryOut(AMAL, [accept(2)], 'new')).toEqual(['NOT_FOUND']);
      expect(streams.calls).toEqual(['readOn']);
    });

    it('D10: does nothing twice when the account has carried the command out', async () => {
      streams.happened(sent(1), sent(2, { recipientId: 'chiara' }));
      expect(await decider.carryOut(AMAL, [send(1)], 'new')).toEqual([undefined]);
      expect(streams.of(AMAL)).toHaveLength(2);
    });

    it('trusts what it keeps more than the guess', async () => {
      await decider.carryOut(AMAL, [send(1)]);
      expect(await decider.carryOut(AMAL, [accept(2)], 'new')).toEqual([undefined]);
      expect(streams.calls).toEqual(['read', 'append', 'append']);
    });
  });

  it('gives up on an account that never stands still, and keeps nothing of it', async () => {
    const meddle = () => streams.happened(sent(streams.of(AMAL).length + 100, { recipientId: 'chiara' }));
    streams.before.push(meddle, meddle, meddle, meddle, meddle);
    await expect(decider.carryOut(AMAL, [send(1)])).rejects.toBeInstanceOf(Conflict);
    expect(streams.calls.filter((call) => call === 'append')).toHaveLength(5);
    await decider.carryOut(AMAL, [send(1)]);
    expect(streams.calls.at(-2)).toBe('read');
  });

  it.each(['before', 'after'] as const)(
    'forgets an account whose append failed %s it took place',
    async (when) => {
      await decider.carryOut(AMAL, [send(1)]);
      streams[when].push(outage);
      await expect(decider.carryOut(AMAL, [accept(2)])).rejects.toBeInstanceOf(EventStoreUnavailable);
      expect(await decider.carryOut(AMAL, [accept(2)])).toEqual([undefined]);
      expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
      expect(streams.calls.slice(3)).toEqual(when === 'before' ? ['read', 'append'] : ['read']);
    },
  );

  it('appends many commands in portions, none of which the event store finds too large', async () => {
    const message = '🙂'.repeat(2_000);
    const commands = Array.from({ length: 250 }, (_, n) => send(n + 1, { recipientId: `r${n}`, message }));
    const sizes: number[] = [];
    const append = streams.append.bind(streams);
    streams.append = (accountId, revision, events) => {
      sizes.push(Buffer.byteLength(JSON.stringify(events)));
      return append(accountId, revision, events);
    };
    for (let left = commands; left.length > 0;)
      left = left.slice((await decider.carryOut(AMAL, left)).length);
    expect(streams.of(AMAL).map(({ commandId }) => commandId)).toEqual(commands.map((one) => one.commandId));
    expect(sizes).toHaveLength(3);
    for (const size of sizes) expect(size).toBeLessThan(1_000_000);
  });

  it('keeps as many accounts as fit, and reads the others again', async () => {
    // One account that came once.
    decider = new AccountDecider(streams as unknown as AccountRepository, DEFAULT_POLICY, 8 * 2_000);
    const ask = (inviterId: string, n: number) =>
      decider.carryOut(inviterId, [send(n, { inviterId, recipientId: BILAL, commandId: id(n) })]);
    await ask('a', 1);
    await ask('b', 2);
    streams.calls.length = 0;
    await ask('a', 3);
    await ask('b', 4);
    expect(streams.calls).toEqual(['read', 'append', 'append']);
  });
});
