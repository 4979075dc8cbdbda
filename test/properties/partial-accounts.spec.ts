import { describe, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  ConcurrencyError,
  AccountNotOfStreamError,
  type AccountRepository,
  type VersionedAccount,
} from '#libs/event-store';
import {
  accountOf,
  areLoaded,
  decide,
  entriesOf,
  EntryNotLoadedError,
  evolve,
  initialState,
  type Account,
  type Command,
  type Decision,
  type EntryKeys,
  type InvitationEvent,
  type Policy,
} from '#libs/invitation';
import { AccountCommandHandler } from '../../apps/command/src/deciding/account-command-handler.js';
import { eventIdAt, MemoryAccountState } from '../support/account-state.js';
import { expectEqual } from './expect-equal.js';
import { histories, isCommand, type History } from './histories.js';
import { InMemoryCommandApp } from './in-memory-command-app.js';
import { RUNS, TIMEOUT_MS } from './runs.js';

/** A history, and numbers from which the lag, the loaded entries and the batches are chosen. */
const HISTORIES = fc.tuple(histories, fc.infiniteStream(fc.nat()));

const runs = Math.ceil(RUNS / 4);

describe('a partial account from the projection', () => {
  it(
    'decides as the whole account, or throws, whatever is loaded and however far the projection lags',
    () => fc.assert(fc.asyncProperty(HISTORIES, decidesAlike), { numRuns: runs }),
    TIMEOUT_MS,
  );
});

async function decidesAlike([{ policy, steps }, numbers]: [History, Iterator<number>]): Promise<void> {
  const choose = (below: number): number => (numbers.next().value as number) % below;
  const app = new InMemoryCommandApp(policy);
  const commands = steps.filter(isCommand);
  for (const command of commands) app.handle(command);
  for (const [accountId, stream] of app.streams) {
    const asked = commands.filter((command) => accountOf(command) === accountId);
    const revision = choose(stream.length + 1);
    const state = new MemoryAccountState();
    state.append(accountId, stream);
    state.project(revision);
    const loaded = asked.filter(() => choose(2) === 0).map(keysOf);
    const projected = (await state.find([{ accountId, entries: loaded }])).accounts.get(accountId);
    if (projected === undefined || projected === 'unusable') {
      expectEqual([projected, revision], [undefined, 0], 'a head from the first event on');
      continue;
    }
    const partial = stream.slice(revision).reduce(evolve, projected.toAccount());
    const whole = stream.reduce(evolve, initialState());
    for (const known of loaded) expectEqual(areLoaded(partial, known), true, 'what was loaded stays loaded');
    for (const command of asked.flatMap((one) => [one, renamed(one)])) {
      const decision = tryDecide(partial, command, policy);
      if (decision === undefined) expectEqual(areLoaded(partial, keysOf(command)), false, command);
      else expectEqual(decision, decide(whole, command, policy), command);
    }
  }
}

const keysOf = (command: Command): EntryKeys => entriesOf(command.commandId, command);

/** The same command under an id that no stream has. */
const renamed = <C extends Command>(command: C): C => ({
  ...command,
  commandId: command.commandId.replace(/^0/, 'f'),
});

function tryDecide(account: Account, command: Command, policy: Policy): Decision | undefined {
  try {
    return decide(account, command, policy);
  } catch (error) {
    if (error instanceof EntryNotLoadedError) return undefined;
    throw error;
  }
}

describe('AccountCommandHandler with the projection', () => {
  it(
    'decides any history as the domain does, in two processes with small caches and a projection that lags',
    () => fc.assert(fc.asyncProperty(HISTORIES, handlesAlike), { numRuns: runs }),
    TIMEOUT_MS,
  );
});

async function handlesAlike([{ policy, steps }, numbers]: [History, Iterator<number>]): Promise<void> {
  const choose = (below: number): number => (numbers.next().value as number) % below;
  const model = new InMemoryCommandApp(policy);
  const streams = new Map<string, InvitationEvent[]>();
  const state = new MemoryAccountState();
  const repository = repositoryOf(streams, state);
  const processes = [3, 8].map(
    (maxEntries) => new AccountCommandHandler(repository, policy, 2 ** 20, maxEntries),
  );
  /** Commands without events. Only their stored outcomes recognize them, which the handler does not have. */
  const settled = new Set<string>();
  for (let open: readonly Command[] = steps.filter(isCommand); ;) {
    const accountId = open[0] && accountOf(open[0]);
    if (accountId === undefined) break;
    const batch = takeBatch(open, accountId, 1 + choose(4));
    open = open.slice(batch.length);
    let remaining = batch.filter(
      ({ commandId }, n) =>
        !settled.has(commandId) && batch.findIndex((one) => one.commandId === commandId) === n,
    );
    const process = processes[choose(2)]!;
    const entries = remaining.map(keysOf);
    const projected = (await state.find([{ accountId, entries }])).accounts.get(accountId);
    const hint = projected === 'unusable' ? 'may-exist' : (projected ?? 'no-stream');
    while (remaining.length > 0) {
      // In most steps the projection does not move, so that it is often far behind.
      if (choose(3) === 0) state.project(choose(6));
      const refusals = await process.handle(accountId, remaining, hint);
      refusals.forEach((refusal, index) => {
        const command = remaining[index]!;
        const expected = model.handle(command);
        expectEqual(refusal ?? 'accepted', expected.answer, command);
        if (expected.events.length === 0) settled.add(command.commandId);
      });
      remaining = remaining.slice(refusals.length).filter(({ commandId }) => !settled.has(commandId));
    }
  }
  for (const [accountId, stream] of model.streams)
    expectEqual(streams.get(accountId) ?? [], stream, accountId);
}

/** The first commands, as long as they are on one account. The command app decides the first of those with one id. */
function takeBatch(commands: readonly Command[], accountId: string, size: number): readonly Command[] {
  const end = commands.findIndex((command) => accountOf(command) !== accountId);
  return commands.slice(0, Math.min(size, end < 0 ? commands.length : end));
}

function repositoryOf(streams: Map<string, InvitationEvent[]>, state: MemoryAccountState): AccountRepository {
  const readFrom = async (accountId: string, { account, revision, eventId }: VersionedAccount) => {
    const stream = streams.get(accountId) ?? [];
    if (eventId !== undefined && eventId !== eventIdAt(accountId, revision!))
      throw new AccountNotOfStreamError(accountId);
    stream.slice(Number(revision ?? -1n) + 1).reduce(evolve, account);
    return { account, revision: stream.length === 0 ? undefined : BigInt(stream.length - 1) };
  };
  return {
    readFrom,
    read: (accountId: string) => readFrom(accountId, { account: initialState(), revision: undefined }),
    append: async (accountId: string, revision: bigint | undefined, events: readonly InvitationEvent[]) => {
      const stream = streams.get(accountId) ?? [];
      if (Number(revision ?? -1n) !== stream.length - 1) throw new ConcurrencyError(accountId);
      streams.set(accountId, [...stream, ...events]);
      state.append(accountId, events);
      return BigInt(stream.length + events.length - 1);
    },
  } as unknown as AccountRepository;
}
