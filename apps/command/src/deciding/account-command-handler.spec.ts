import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  AccountNotOfStreamError,
  StreamTombstonedError,
  ConcurrencyError,
  EventStoreUnavailableError,
  type VersionedAccount,
  type AccountRepository,
} from '#libs/event-store';
import {
  DEFAULT_POLICY,
  entriesOf,
  evolve,
  initialState,
  type Command,
  type InvitationEvent,
} from '#libs/invitation';
import { eventIdAt, MemoryAccountState } from '../../../../test/support/account-state.js';
import {
  accept,
  accepted,
  act,
  AMAL,
  BILAL,
  connected,
  id,
  ignored,
  INVITATION,
  minute,
  send,
  sent,
} from '../../../../test/support/story.js';
import { AccountCommandHandler } from './account-command-handler.js';

/** Streams in memory, which another writer can carry on and which can be told to fail. */
class Streams implements Pick<AccountRepository, 'read' | 'readFrom' | 'append'> {
  readonly calls: string[] = [];
  /** What the next appends do before they append, the first entry first. */
  readonly before: (() => void)[] = [];
  /** What the next appends do once they have appended. */
  readonly after: (() => void)[] = [];
  readonly streams = new Map<string, InvitationEvent[]>();
  /** As many events are hidden from readers. */
  truncated = 0;

  happened(...events: InvitationEvent[]): void {
    this.of(AMAL).push(...events);
  }

  of(accountId: string): InvitationEvent[] {
    const events = this.streams.get(accountId) ?? [];
    this.streams.set(accountId, events);
    return events;
  }

  async read(accountId: string): Promise<VersionedAccount> {
    this.calls.push('read');
    return this.fold(accountId, { account: initialState(), revision: undefined });
  }

  async readFrom(accountId: string, at: VersionedAccount): Promise<VersionedAccount> {
    this.calls.push('readFrom');
    return this.fold(accountId, at);
  }

  async append(accountId: string, revision: bigint | undefined, events: readonly InvitationEvent[]) {
    this.calls.push('append');
    this.before.shift()?.();
    const stream = this.of(accountId);
    if (Number(revision ?? -1n) !== stream.length - 1)
      throw new ConcurrencyError(accountId, stream.length === 0 ? undefined : BigInt(stream.length - 1));
    stream.push(...events);
    this.after.shift()?.();
    return BigInt(stream.length - 1);
  }

  private fold(accountId: string, { account, revision, eventId }: VersionedAccount): VersionedAccount {
    const stream = this.of(accountId);
    if (eventId !== undefined && eventId !== eventIdAt(accountId, revision!))
      throw new AccountNotOfStreamError(accountId);
    stream.slice(Math.max(Number(revision ?? -1n) + 1, this.truncated)).reduce(evolve, account);
    if (stream.length > 0 && stream.length <= this.truncated)
      return { account, revision, ...(revision === undefined ? { isTruncated: true as const } : {}) };
    return { account, revision: stream.length === 0 ? undefined : BigInt(stream.length - 1) };
  }
}

const outage = () => {
  throw new EventStoreUnavailableError('no clear answer');
};

describe('AccountCommandHandler', () => {
  let streams: Streams;
  let handler: AccountCommandHandler;

  beforeEach(() => {
    streams = new Streams();
    handler = new AccountCommandHandler(streams as unknown as AccountRepository, DEFAULT_POLICY, 2 ** 20);
  });

  it('decides each command in order, and appends all events in one append', async () => {
    const refusals = await handler.handle(AMAL, [
      send(1),
      act('IgnoreInvitation', 2),
      accept(3),
      act('DeclineInvitation', 4),
    ]);
    expect(refusals).toEqual([undefined, undefined, undefined, 'ALREADY_ANSWERED']);
    expect(streams.of(AMAL)).toEqual([sent(1), ignored(2), accepted(3)]);
    expect(streams.calls).toEqual(['read', 'append']);
  });

  it('stops at the first refusal after an event, so that it is stored before the account continues', async () => {
    const commands = [
      send(1),
      act('DeclineInvitation', 2),
      act('WithdrawInvitation', 3, 'chiara'),
      accept(4),
    ];
    expect(await handler.handle(AMAL, commands)).toEqual([undefined, 'NOT_IGNORED', 'NOT_FOUND']);
    expect(streams.of(AMAL)).toEqual([sent(1)]);
    expect(await handler.handle(AMAL, [accept(4)])).toEqual([undefined]);
    expect(streams.of(AMAL)).toEqual([sent(1), accepted(4)]);
  });

  it('does not read a cached account again', async () => {
    await handler.handle(AMAL, [send(1)]);
    await handler.handle(AMAL, [accept(2)]);
    expect(streams.calls).toEqual(['read', 'append', 'append']);
  });

  it('refuses commands on a deleted account, so that they do not block their partition', async () => {
    await handler.handle(AMAL, [send(1)]);
    streams.before.push(() => {
      throw new StreamTombstonedError(AMAL);
    });
    expect(await handler.handle(AMAL, [accept(2), send(3)])).toEqual(['NOT_FOUND', 'ACCOUNT_RESTRICTED']);
    expect(streams.of(AMAL)).toEqual([sent(1)]);
  });

  it('changes nothing for a command that was processed before (D10)', async () => {
    await handler.handle(AMAL, [send(1)]);
    expect(await handler.handle(AMAL, [send(1), send(1)])).toEqual([undefined, undefined]);
    expect(streams.of(AMAL)).toEqual([sent(1)]);
    expect(streams.calls).toEqual(['read', 'append', 'readFrom']);
  });

  it('reads a cached account up to its end before it accepts without an event', async () => {
    const remind = (n: number): Command => ({
      type: 'RemindRecipient',
      commandId: id(n),
      invitationId: INVITATION,
      ordinal: 1,
      at: new Date(Date.parse(minute(0)) + DEFAULT_POLICY.remindersMs[0]! + 3_600_000).toISOString(),
    });
    expect(await handler.handle(AMAL, [send(1), remind(2)])).toEqual([undefined, undefined]);
    streams.happened(accepted(3));
    expect(await handler.handle(AMAL, [remind(4)])).toEqual(['NOT_OPEN']);
  });

  it('reads and decides again after a concurrent append', async () => {
    await handler.handle(AMAL, [send(1)]);
    streams.before.push(() => streams.happened(accepted(2)));
    expect(await handler.handle(AMAL, [accept(3)])).toEqual(['ALREADY_ANSWERED']);
    expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
    expect(streams.calls.slice(2)).toEqual(['append', 'read']);
  });

  it('reads a cached account up to its end before it refuses, because another process may have appended', async () => {
    await handler.handle(AMAL, [act('WithdrawInvitation', 9, AMAL)]);
    streams.happened(sent(1));
    expect(await handler.handle(AMAL, [accept(2)])).toEqual([undefined]);
    expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
    expect(streams.calls).toEqual(['read', 'readFrom', 'append']);
  });

  describe('with the hint that the account has no stream', () => {
    it('appends without reading', async () => {
      expect(await handler.handle(AMAL, [send(1), accept(2)], 'no-stream')).toEqual([undefined, undefined]);
      expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
      expect(streams.calls).toEqual(['append']);
    });

    it('reads the account after a conflict, and decides again', async () => {
      streams.happened(sent(1), accepted(2));
      expect(await handler.handle(AMAL, [send(3)], 'no-stream')).toEqual(['ALREADY_CONNECTED']);
      expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
      expect(streams.calls).toEqual(['append', 'read']);
    });

    it('reads the account before it refuses, because a refusal is final', async () => {
      streams.happened(sent(1));
      expect(await handler.handle(AMAL, [accept(2)], 'no-stream')).toEqual([undefined]);
      expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
      expect(streams.calls).toEqual(['readFrom', 'append']);
    });

    it('refuses once it has read that the stream does not exist', async () => {
      expect(await handler.handle(AMAL, [accept(2)], 'no-stream')).toEqual(['NOT_FOUND']);
      expect(streams.calls).toEqual(['readFrom']);
    });

    it('changes nothing for a command that was processed before (D10)', async () => {
      streams.happened(sent(1), sent(2, { recipientId: 'chiara' }));
      expect(await handler.handle(AMAL, [send(1)], 'no-stream')).toEqual([undefined]);
      expect(streams.of(AMAL)).toHaveLength(2);
    });

    it('prefers a cached account to the hint', async () => {
      await handler.handle(AMAL, [send(1)]);
      expect(await handler.handle(AMAL, [accept(2)], 'no-stream')).toEqual([undefined]);
      expect(streams.calls).toEqual(['read', 'append', 'append']);
    });
  });

  describe('with a projected account', () => {
    let projected: MemoryAccountState;

    beforeEach(() => {
      projected = new MemoryAccountState();
    });

    /** The events are in the stream and in the projection. */
    function given(...events: InvitationEvent[]): void {
      streams.happened(...events);
      projected.append(AMAL, events);
      projected.project();
    }

    async function ask(...commands: Command[]) {
      const entries = commands.map((command) => entriesOf(command.commandId, command));
      return handler.handle(
        AMAL,
        commands,
        (await projected.find([{ accountId: AMAL, entries }])).accounts.get(AMAL) as never,
      );
    }

    it('appends without reading', async () => {
      given(sent(1), ignored(2));
      expect(await ask(accept(3), send(4, { recipientId: 'dalia' }))).toEqual([undefined, undefined]);
      expect(streams.calls).toEqual(['append']);
    });

    it('reads on after a conflict, and decides again', async () => {
      given(sent(1));
      streams.happened(accepted(2));
      expect(await ask(accept(3))).toEqual(['ALREADY_ANSWERED']);
      expect(streams.calls).toEqual(['append', 'readFrom']);
    });

    it('reads on before it refuses, because a refusal is final', async () => {
      given(sent(1));
      streams.happened(ignored(2));
      expect(await ask(act('DeclineInvitation', 3))).toEqual([undefined]);
      expect(streams.calls).toEqual(['readFrom', 'append']);
    });

    it('reads on at once if the cached account was ahead and lacks an entry', async () => {
      given(sent(1));
      await ask(accept(2));
      expect(await ask(send(3, { recipientId: 'dalia' }))).toEqual([undefined]);
      expect(streams.calls).toEqual(['append', 'append']);
      handler = new AccountCommandHandler(
        streams as unknown as AccountRepository,
        DEFAULT_POLICY,
        2 ** 20,
        0,
      );
      streams.calls.length = 0;
      await ask(send(4, { recipientId: 'emre' }));
      expect(streams.calls).toEqual(['append', 'readFrom', 'append']);
      await ask(send(5, { recipientId: 'farid' }));
      expect(streams.calls.slice(3)).toEqual(['readFrom', 'append']);
    });

    it('does not take an entry from a projection that is older than what it has read on', async () => {
      given(sent(1));
      streams.happened({ ...connected(2), memberId: 'dalia' } as InvitationEvent);
      expect(await ask(act('DeclineInvitation', 3))).toEqual(['NOT_IGNORED']);
      expect(await ask(send(4, { recipientId: 'dalia' }))).toEqual(['ALREADY_CONNECTED']);
      expect(streams.of(AMAL)).toHaveLength(2);
    });

    it('takes the projection instead of a cached account that is behind it', async () => {
      given(sent(1));
      await ask(send(2, { recipientId: 'dalia' }));
      projected.append(AMAL, [streams.of(AMAL)[1]!]);
      given(accepted(3));
      expect(await ask(send(4, { recipientId: 'emre' }))).toEqual([undefined]);
      expect(streams.calls).toEqual(['append', 'append']);
    });

    it('reads the whole stream if the projection is of another one', async () => {
      given(sent(1));
      projected.rows.get(AMAL)!.state['eventId' as never] = 'lost' as never;
      streams.happened(accepted(2));
      handler = new AccountCommandHandler(streams as unknown as AccountRepository, DEFAULT_POLICY, 2 ** 20);
      streams.calls.length = 0;
      expect(await ask(act('DeclineInvitation', 4))).toEqual(['ALREADY_ANSWERED']);
      expect(streams.calls).toEqual(['readFrom', 'read']);
      expect(await ask(accept(5))).toEqual(['ALREADY_ANSWERED']);
    });

    it('reads the whole stream if an event behind the projection needs an entry that is not loaded', async () => {
      given(sent(1));
      streams.happened(sent(2, { recipientId: 'dalia' }));
      const onSecond = { invitationId: `${AMAL}.${id(2)}`, actorId: 'dalia' };
      expect(await ask(accept(3, onSecond))).toEqual([undefined]);
      expect(streams.of(AMAL).at(-1)).toMatchObject({ type: 'InvitationAccepted', recipientId: 'dalia' });
      expect(await ask(send(5, { recipientId: 'dalia' }))).toEqual(['ALREADY_CONNECTED']);
    });
  });

  it('throws after five conflicts in a row, and drops the account from the cache', async () => {
    const meddle = () => streams.happened(sent(streams.of(AMAL).length + 100, { recipientId: 'chiara' }));
    streams.before.push(meddle, meddle, meddle, meddle, meddle);
    await expect(handler.handle(AMAL, [send(1)])).rejects.toBeInstanceOf(ConcurrencyError);
    expect(streams.calls.filter((call) => call === 'append')).toHaveLength(5);
    await handler.handle(AMAL, [send(1)]);
    expect(streams.calls.at(-2)).toBe('read');
  });

  it.each(['before', 'after'] as const)(
    'drops an account from the cache if its append failed %s it was stored',
    async (when) => {
      await handler.handle(AMAL, [send(1)]);
      streams[when].push(outage);
      await expect(handler.handle(AMAL, [accept(2)])).rejects.toBeInstanceOf(EventStoreUnavailableError);
      expect(await handler.handle(AMAL, [accept(2)])).toEqual([undefined]);
      expect(streams.of(AMAL)).toEqual([sent(1), accepted(2)]);
      expect(streams.calls.slice(3)).toEqual(when === 'before' ? ['read', 'append'] : ['read']);
    },
  );

  it('appends to a stream whose events are all truncated', async () => {
    streams.happened(sent(1), ignored(2));
    streams.truncated = 2;
    expect(await handler.handle(AMAL, [send(3)])).toEqual([undefined]);
    expect(streams.calls).toEqual(['read', 'append', 'read', 'append']);
    expect(await handler.handle(AMAL, [send(4)])).toEqual([undefined]);
    expect(streams.calls.slice(4)).toEqual(['append']);
    expect(streams.of(AMAL)).toHaveLength(4);
  });

  it('decides again when a concurrent append follows truncated events', async () => {
    streams.happened(sent(1));
    streams.truncated = 1;
    streams.before.push(() => streams.happened(sent(2)));
    expect(await handler.handle(AMAL, [send(3, { recipientId: BILAL })])).toEqual([undefined]);
    expect(streams.calls).toEqual(['read', 'append', 'read', 'append']);
    expect(streams.of(AMAL).at(-1)).toMatchObject({ supersedes: expect.any(String) });
  });

  it('splits many commands into appends below the size limit of the event store', async () => {
    const message = '🙂'.repeat(2_000);
    const commands = Array.from({ length: 250 }, (_, n) => send(n + 1, { recipientId: `r${n}`, message }));
    const sizes: number[] = [];
    const append = streams.append.bind(streams);
    streams.append = (accountId, revision, events) => {
      sizes.push(Buffer.byteLength(JSON.stringify(events)));
      return append(accountId, revision, events);
    };
    for (let left = commands; left.length > 0;) left = left.slice((await handler.handle(AMAL, left)).length);
    expect(streams.of(AMAL).map(({ commandId }) => commandId)).toEqual(commands.map((one) => one.commandId));
    expect(sizes).toHaveLength(3);
    for (const size of sizes) expect(size).toBeLessThan(1_000_000);
  });

  it('keeps as many accounts as fit into the cache, and reads the others again', async () => {
    // One account that came once.
    handler = new AccountCommandHandler(streams as unknown as AccountRepository, DEFAULT_POLICY, 8 * 2_000);
    const ask = (inviterId: string, n: number) =>
      handler.handle(inviterId, [send(n, { inviterId, recipientId: BILAL, commandId: id(n) })]);
    await ask('a', 1);
    await ask('b', 2);
    streams.calls.length = 0;
    await ask('a', 3);
    await ask('b', 4);
    expect(streams.calls).toEqual(['read', 'append', 'append']);
  });
});
