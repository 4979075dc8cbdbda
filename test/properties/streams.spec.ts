import { describe, it } from '@jest/globals';
import { accountOf, decide, evolve, initialState, type InvitationEvent } from '#libs/invitation';
import { histories, isCommand, type History } from './histories.js';
import { expectForAll, TIMEOUT_MS } from './runs.js';
import { expectEqual } from './expect-equal.js';
import { json, read, storedAtVersion1 } from './stored.js';
import { InMemoryCommandApp } from './in-memory-command-app.js';

describe('evolve for any history', () => {
  it(
    'gives each account the same state, however accounts are interleaved',
    () => {
      expectForAll('interleaving', histories, inAnyOrderOfAccounts);
    },
    TIMEOUT_MS,
  );

  it(
    'gives the same state from JSON, and from events of version 1',
    () => {
      expectForAll('stored', histories, survivesStorage);
    },
    TIMEOUT_MS,
  );

  it(
    'recognises every processed command for ever (D10)',
    () => {
      expectForAll('recognised', histories, recognisesItsCommands);
    },
    TIMEOUT_MS,
  );
});

function inAnyOrderOfAccounts({ policy, steps }: History): void {
  const commands = steps.filter(isCommand);
  const mixed = new InMemoryCommandApp(policy);
  const handled = commands.map((command) => ({ command, result: mixed.handle(command) }));
  // One account after another, the last one first, which differs as much as possible from the mixture.
  const byAccount = [...Map.groupBy(handled, ({ command }) => accountOf(command)).values()].toReversed();
  const apart = new InMemoryCommandApp(policy);
  for (const { command, result } of byAccount.flat()) expectEqual(apart.handle(command), result, command);
  for (const [account, stream] of mixed.streams) expectEqual(apart.stream(account), stream, account);
}

function survivesStorage({ policy, steps }: History): void {
  for (const stream of streamsOf(policy, steps)) {
    const account = stream.reduce(evolve, initialState());
    expectEqual(json(stream).reduce(evolve, initialState()), account, 'JSON');
    const upcast = stream.map(storedAtVersion1).map(read);
    expectEqual(upcast.reduce(evolve, initialState()), account, 'version 1');
    const onTheSite = (event: InvitationEvent) =>
      event.type === 'InvitationAccepted' ? { ...event, via: 'site' as const } : event;
    expectEqual(upcast, stream.map(onTheSite), 'every field');
  }
}

/** Without the outcome store, so that accepted commands are recognised by the stream alone. */
function recognisesItsCommands({ policy, steps }: History): void {
  const app = new InMemoryCommandApp(policy);
  const carriedOut = steps.filter(isCommand).filter((command) => app.handle(command).events.length > 0);
  for (const command of carriedOut) {
    expectEqual(
      decide(app.account(accountOf(command)), command, policy),
      { outcome: 'accepted', events: [] },
      command,
    );
  }
}

function streamsOf(policy: History['policy'], steps: History['steps']): InvitationEvent[][] {
  const app = new InMemoryCommandApp(policy);
  for (const command of steps.filter(isCommand)) app.handle(command);
  return [...app.streams.values()];
}
