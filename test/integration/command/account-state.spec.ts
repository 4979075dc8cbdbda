import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  accountStateProjection,
  findProjectedAccounts,
  toAccountEvent,
  type AccountStateRow,
} from '#libs/account-state';
import { AccountRepository } from '#libs/event-store';
import {
  accountOf,
  decide,
  DEFAULT_POLICY,
  entriesOf,
  evolve,
  initialState,
  type Account,
  type Command,
  type InvitationEvent,
} from '#libs/invitation';
import { rebuildProjection, tableSink } from '#libs/projection';
import { AccountCommandHandler } from '../../../apps/command/src/deciding/account-command-handler.js';
import { accept, act, AMAL, BILAL, connected, declinedBy, ignored, send, sent } from '../../support/story.js';
import { until } from '../../support/until.js';
import { createRebuild } from '../projections/support/rebuilds.js';
import { ofAccount, ProjectionHarness } from '../support/projection-harness.js';

const LONG = 2_000;
const SHORT = 10;

let harness: ProjectionHarness;
let repository: CountingRepository;

/** Counts what is asked of the event store. */
class CountingRepository extends AccountRepository {
  private work = { reads: 0, events: 0, appends: 0 };

  override async readFrom(...args: Parameters<AccountRepository['readFrom']>) {
    const read = await super.readFrom(...args);
    this.work.reads += 1;
    this.work.events += Number((read.revision ?? -1n) - (args[1].revision ?? -1n));
    return read;
  }

  override append(...args: Parameters<AccountRepository['append']>) {
    this.work.appends += 1;
    return super.append(...args);
  }

  takeWork() {
    const { work } = this;
    this.work = { reads: 0, events: 0, appends: 0 };
    return work;
  }
}

beforeAll(async () => {
  harness = await ProjectionHarness.open();
  repository = new CountingRepository(harness.client);
  harness.workFor('account-state', tableSink(accountStateProjection, toAccountEvent));
});
afterAll(() => harness.close());

/** Of each kind. */
const TIMED_COMMANDS = 15;

/**
 * The ratio of medians. Other load moves it by less than 2, and reading the whole stream multiplies it by tens: what the event store is
 * asked for is compared exactly above.
 */
const MOST_OF_WARM = 5;

const medianOf = (times: readonly number[]): number =>
  times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)]!;

const newProcess = () => new AccountCommandHandler(repository, DEFAULT_POLICY, 2 ** 24);

/** Unlike `harness.untilThere`, it does not read the log, which takes longer with every event. */
const untilProjected = (accountId: string, revision: number) =>
  until(
    async () => {
      const projected = (
        await findProjectedAccounts(harness.pool, [{ accountId, entries: [] }])
      ).accounts.get(accountId);
      return typeof projected === 'object' && projected.revision >= BigInt(revision);
    },
    20_000,
    `${accountId} at revision ${revision}`,
  );

/** Handles a command as a batch of its own. */
async function ask(process: AccountCommandHandler, command: Command) {
  const accountId = accountOf(command);
  const entries = [entriesOf(command.commandId, command)];
  const projected = (await findProjectedAccounts(harness.pool, [{ accountId, entries }])).accounts.get(
    accountId,
  );
  const hint = projected === 'unusable' ? 'may-exist' : (projected ?? 'no-stream');
  const [refusal] = await process.handle(accountId, [command], hint);
  return refusal ?? 'accepted';
}

const of = <C extends Command>(command: C, account: string): C =>
  ofAccount(command as unknown as InvitationEvent, account) as unknown as C;

/** A stream with this number of connections, and an untouched invitation to Bilal at its end. */
async function givenAccount(account: string, connections: number): Promise<void> {
  let revision: bigint | undefined;
  for (let first = 0; first < connections; first += 500) {
    const count = Math.min(500, connections - first);
    const events = Array.from(
      { length: count },
      (_, n): InvitationEvent =>
        ({
          ...connected(10_000 + first + n),
          memberId: `member-${first + n}`,
        }) as InvitationEvent,
    );
    revision = await repository.append(
      account,
      revision,
      events.map((event) => ofAccount(event, account)),
    );
  }
  await repository.append(account, revision, [ofAccount(sent(1), account)]);
}

describe('the worker account-state', () => {
  it('writes rows from which the account is decided as from its stream', async () => {
    const account = 'mixed';
    const history = [sent(1), ignored(2), ...declinedBy('chiara', 10), sent(20, { recipientId: 'dalia' })];
    const events = history.map((event) => ofAccount(event, account));
    await repository.append(account, undefined, events);
    await harness.untilThere(accountStateProjection);
    const whole = events.reduce(evolve, initialState());
    const commands = [
      ...[BILAL, 'chiara', 'dalia', 'emre'].map((recipientId, n) => send(30 + n, { recipientId })),
      accept(40),
      act('DeclineInvitation', 41),
      act('WithdrawInvitation', 42, AMAL),
      act('IgnoreInvitation', 2),
    ].map((command) => of(command, account));
    const entries = commands.map((command) => entriesOf(command.commandId, command));
    const found = (await findProjectedAccounts(harness.pool, [{ accountId: account, entries }])).accounts.get(
      account,
    );
    if (found === undefined || found === 'unusable') throw new Error(String(found));
    expect(found.revision).toBe(BigInt(events.length - 1));
    const decisions = (from: Account) => commands.map((command) => decide(from, command, DEFAULT_POLICY));
    expect(decisions(found.toAccount())).toEqual(decisions(whole));
  });

  it('is rebuilt with the same rows', async () => {
    await harness.happen('rebuilt', 8);
    await harness.untilThere(accountStateProjection);
    const { context, options, comparisons } = createRebuild(
      harness,
      accountStateProjection,
      {},
      toAccountEvent,
    );
    await rebuildProjection(context, false, options());
    expect(comparisons).toMatchObject([{ agree: true }]);
    const { rows } = await harness.pool.query<AccountStateRow>(
      `SELECT * FROM read_models.account_state WHERE key = 'rebuilt-0'`,
    );
    expect(rows).toMatchObject([{ state: { fold: 2, sent: 2, declinedBy: ['chiara'] } }]);
  });
});

describe('a decision', () => {
  it.each(['warm', 'cold'] as const)(
    'asks the same of the event store for a short account and a long one, after a silent ignore or none (D1): %s',
    async (kind) => {
      const works: Record<string, unknown> = {};
      for (const [size, length] of [
        ['short', SHORT],
        ['long', LONG],
      ] as const) {
        for (const ignores of [false, true]) {
          const account = `${kind}-${size}-${ignores}`;
          await givenAccount(account, length);
          await harness.untilThere(accountStateProjection);
          const process = newProcess();
          // The ignore, or a command of the inviter, warms the account.
          const warming = ignores ? act('IgnoreInvitation', 2) : send(2, { recipientId: 'emre' });
          if (ignores || kind === 'warm') await ask(process, of<Command>(warming, account));
          await harness.untilThere(accountStateProjection);
          const next = kind === 'warm' ? process : newProcess();
          repository.takeWork();
          expect(await ask(next, of(send(3, { recipientId: 'dalia' }), account))).toBe('accepted');
          const accepted = repository.takeWork();
          expect(await ask(next, of(send(4, { recipientId: 'member-1' }), account))).toBe(
            'ALREADY_CONNECTED',
          );
          works[account] = { accepted, refused: repository.takeWork() };
        }
      }
      const same = {
        accepted: { reads: 0, events: 0, appends: 1 },
        refused: { reads: 1, events: 0, appends: 0 },
      };
      expect(Object.values(works)).toEqual([same, same, same, same]);
    },
    120_000,
  );

  it('takes about as long on a cold account as on a warm one, which a silent ignore may have warmed (D1)', async () => {
    const account = 'timed';
    await givenAccount(account, LONG);
    let revision = LONG;
    const askNext = async (process: AccountCommandHandler): Promise<number> => {
      revision += 1;
      const command = of(send(100 + revision, { recipientId: `other-${revision}` }), account);
      const begin = performance.now();
      expect(await ask(process, command)).toBe('accepted');
      return performance.now() - begin;
    };
    const times = { warm: [] as number[], cold: [] as number[] };
    for (let n = 0; n < TIMED_COMMANDS; n += 1) {
      await untilProjected(account, revision);
      const process = newProcess();
      // In turn, so that other load on the machine affects both.
      times.cold.push(await askNext(process));
      await untilProjected(account, revision);
      times.warm.push(await askNext(process));
    }
    expect(medianOf(times.cold) / medianOf(times.warm)).toBeLessThan(MOST_OF_WARM);
  }, 60_000);

  it('reads only the events behind the projection when another process has appended', async () => {
    const account = 'behind';
    await givenAccount(account, LONG);
    await harness.untilThere(accountStateProjection);
    const command = of(accept(5), account);
    const asked = [{ accountId: account, entries: [entriesOf(command.commandId, command)] }];
    const projected = (await findProjectedAccounts(harness.pool, asked)).accounts.get(account)!;
    await repository.append(account, BigInt(LONG), [ofAccount(ignored(2), account)]);
    repository.takeWork();
    expect(await newProcess().handle(account, [command], projected as never)).toEqual([undefined]);
    expect(repository.takeWork()).toEqual({ reads: 1, events: 1, appends: 2 });
    expect(await ask(newProcess(), of(send(6), account))).toBe('ALREADY_CONNECTED');
  });

  it('reads the whole stream if the projection is not of this stream', async () => {
    const account = 'replaced';
    await givenAccount(account, SHORT);
    await harness.untilThere(accountStateProjection);
    await harness.pool.query(
      `UPDATE read_models.account_state SET state = state || '{"eventId": "lost", "restricted": true}' WHERE key = $1`,
      [account],
    );
    repository.takeWork();
    expect(await ask(newProcess(), of(send(3, { recipientId: 'dalia' }), account))).toBe('accepted');
    expect(repository.takeWork()).toEqual({ reads: 1, events: SHORT + 1, appends: 1 });
  });

  it('recognizes a command that the stream has processed, without its claim (D10)', async () => {
    const account = 'repeated';
    await givenAccount(account, SHORT);
    await harness.untilThere(accountStateProjection);
    repository.takeWork();
    expect(await ask(newProcess(), of(send(1), account))).toBe('accepted');
    expect(repository.takeWork().appends).toBe(0);
  });
});
