import { describe, it } from '@jest/globals';
import { accountOf, decide, evolve, openAccount, type InvitationEvent } from '#libs/invitation';
import { histories, isCommand, type History } from './histories.js';
import { expectForAll, TIMEOUT_MS } from './runs.js';
import { expectSame } from './same.js';
import { json, read, storedAtVersion1 } from './stored.js';
import { World } from './world.js';

describe('any history', () => {
  it(
    'comes to the same on each account, however accounts are interleaved',
    () => {
      expectForAll('interleaving', histories, inAnyOrderOfAccounts);
    },
    TIMEOUT_MS,
  );

  it(
    'folds to the same from JSON, and from what version 1 stored',
    () => {
      expectForAll('stored', histories, survivesStorage);
    },
    TIMEOUT_MS,
  );

  it(
    'D10: holds no command twice, and recognises each that it holds for ever',
    () => {
      expectForAll('recognised', histories, recognisesItsCommands);
    },
    TIMEOUT_MS,
  );
});

function inAnyOrderOfAccounts({ policy, steps }: History): void {
  const commands = steps.filter(isCommand);
  const mixed = new World(policy);
  const handled = commands.map((command) => ({ command, result: mixed.handle(command) }));
  // One account after the other, the last one first: as far from the mixture as can be.
  const byAccount = [...Map.groupBy(handled, ({ command }) => accountOf(command)).values()].toReversed();
  const apart = new World(policy);
  for (const { command, result } of byAccount.flat()) expectSame(apart.handle(command), result, command);
  for (const [account, stream] of mixed.streams) expectSame(apart.stream(account), stream, account);
}

function survivesStorage({ policy, steps }: History): void {
  for (const stream of streamsOf(policy, steps)) {
    const account = stream.reduce(evolve, openAccount());
    expectSame(json(stream).reduce(evolve, openAccount()), account, 'JSON');
    const upcast = stream.map(storedAtVersion1).map(read);
    expectSame(upcast.reduce(evolve, openAccount()), account, 'version 1');
    const onTheSite = (event: InvitationEvent) =>
      event.type === 'InvitationAccepted' ? { ...event, via: 'site' as const } : event;
    expectSame(upcast, stream.map(onTheSite), 'every field');
  }
}

/** Without the outcome store: what was accepted is known by the stream alone. */
function recognisesItsCommands({ policy, steps }: History): void {
  const world = new World(policy);
  const carriedOut = steps.filter(isCommand).filter((command) => world.handle(command).events.length > 0);
  for (const command of carriedOut) {
    expectSame(
      decide(world.account(accountOf(command)), command, policy),
      { outcome: 'accepted', events: [] },
      command,
    );
  }
}

function streamsOf(policy: History['policy'], steps: History['steps']): InvitationEvent[][] {
  const world = new World(policy);
  for (const command of steps.filter(isCommand)) world.handle(command);
  return [...world.streams.values()];
}
