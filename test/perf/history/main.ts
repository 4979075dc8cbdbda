import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { Command } from 'commander';
import { findProjectedAccounts } from '#libs/account-state';
import { DEFAULT_POLICY, entriesOf, type SendInvitation } from '#libs/invitation';
import { finishBench, stopOnSignal, wholeNumber } from '../support/bench-program.js';
import { AccountCommandHandler } from '../../../apps/command/src/deciding/account-command-handler.js';
import { spread, summary, type Summary } from '../support/statistics.js';
import { table } from '../support/table.js';
import { connections, invitations } from './accounts.js';
import { openHistoryHarness, type HistoryHarness } from './bench-harness.js';

/** The cost of a command on a long account, as a multiple of the cost on a short one. */
const COST_AT_MOST = 1.5;
/** The memory of one cached account in KiB, whatever its length. */
const KIB_AT_MOST = 128;
const SHORT = 10;
/** Above every account here, so that the last command is decided like the first. */
const POLICY = { ...DEFAULT_POLICY, invitationLimit: Number.MAX_SAFE_INTEGER };

const given = new Command('npm run bench -- history')
  .description('Measures a command on an account that is not cached: one of 10 invitations, and long ones.')
  .option('--rounds <n>', 'rounds, each with every account', wholeNumber, 5)
  .option('--commands <n>', 'commands a round', wholeNumber, 100)
  .option('--invitations <n>', 'invitations of the long account', wholeNumber, 3_000)
  .option('--connections <n>', 'connections of the account with many', wholeNumber, 1_000_000)
  .option('--out <file>', 'where the results go as JSON', '.bench/history.json')
  .option('--quick', 'short accounts, to see that it runs: proves nothing and requires nothing', false)
  .addHelpText(
    'after',
    `
Examples:
  npm run bench -- history
  npm run bench -- history --connections 20000
  npm run bench -- history --quick

Exit code: 0 when every requirement is met, 1 when one is missed.`,
  )
  .parse()
  .opts<{
    rounds: number;
    commands: number;
    invitations: number;
    connections: number;
    out: string;
    quick: boolean;
  }>();
const options = given.quick
  ? { ...given, rounds: 1, commands: 5, invitations: 100, connections: 200 }
  : given;

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Milliseconds and CPU microseconds of this process for one command. */
interface Cost {
  readonly ms: number;
  readonly cpu: number;
}

/** Handles one command like a process that does not have the account in its cache, and returns what that took. */
async function decideCold(
  { pool, repository }: HistoryHarness,
  accountId: string,
  from: 'projection' | 'stream',
) {
  const command: SendInvitation = {
    type: 'SendInvitation',
    commandId: randomUUID(),
    inviterId: accountId,
    recipientId: `new-${randomUUID()}`,
    recipient: { available: true, emailMatches: false },
    at: new Date().toISOString(),
  };
  const handler = new AccountCommandHandler(repository, POLICY, 2 ** 24);
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const asked = [{ accountId, entries: [entriesOf(command.commandId, command)] }];
  const projected =
    from === 'projection' ? (await findProjectedAccounts(pool, asked)).accounts.get(accountId) : 'unusable';
  if (projected === undefined) throw new Error(`the projection does not have ${accountId}`);
  const refusals = await handler.handle(
    accountId,
    [command],
    projected === 'unusable' ? 'may-exist' : projected,
  );
  const ms = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  if (refusals[0] !== undefined) throw new Error(`refused: ${refusals[0]}`);
  return { cost: { ms, cpu: user + system }, cacheKiB: handler.cacheUse.bytes / 1024 };
}

const short = `${SHORT} invitations`;
const long = `${options.invitations} invitations`;
const many = `${options.connections} connections`;
const accounts: Record<string, { readonly id: string; readonly append: () => Promise<void> }> = {};
const startedAt = new Date().toISOString();
say('Starting the servers …');
const harness = await openHistoryHarness();
stopOnSignal(harness);
for (const [what, id, events] of [
  [short, 'short', () => invitations('short', SHORT)],
  [long, 'long', () => invitations('long', options.invitations)],
  [many, 'many', () => connections('many', options.connections)],
] as const)
  accounts[what] = { id, append: () => harness.append(id, events()) };

const costs = new Map<string, Cost[][]>(Object.keys(accounts).map((what) => [what, []]));
const whole = new Map<string, number>();
const cached = new Map<string, number>();
try {
  for (const [what, { id, append }] of Object.entries(accounts)) {
    say(`appending ${what}`);
    await append();
    await harness.untilProjected(id);
  }
  await harness.pool.query('ANALYZE read_models.account_state_g1');
  // Node compiles the code.
  for (let n = 0; n < options.commands; n += 1) await decideCold(harness, accounts[short]!.id, 'projection');
  for (let round = 1; round <= options.rounds; round += 1) {
    const ofRound = new Map<string, Cost[]>();
    // In turn, so that other load on the machine affects all accounts.
    for (let n = 0; n < options.commands; n += 1) {
      for (const [what, { id }] of Object.entries(accounts)) {
        await harness.untilProjected(id);
        const { cost, cacheKiB } = await decideCold(harness, id, 'projection');
        ofRound.set(what, [...(ofRound.get(what) ?? []), cost]);
        cached.set(what, Math.max(cached.get(what) ?? 0, cacheKiB));
      }
    }
    for (const [what, list] of ofRound) costs.get(what)!.push(list);
    say(
      `round ${round}: ${[...ofRound].map(([what, list]) => `${what} ${medianOf(list, 'ms').toFixed(1)} ms`).join(', ')}`,
    );
  }
  for (const [what, { id }] of Object.entries(accounts))
    whole.set(what, (await decideCold(harness, id, 'stream')).cost.ms);
} finally {
  await harness.stop();
}

function medianOf(list: readonly Cost[], of: keyof Cost): number {
  return summary(list.map((cost) => cost[of])).median;
}

const perRound = (what: string, of: keyof Cost): number[] =>
  costs.get(what)!.map((list) => medianOf(list, of));
const ratio = (what: string): Summary =>
  summary(perRound(what, 'ms').map((ms, round) => ms / perRound(short, 'ms')[round]!));
const rows = Object.keys(accounts).map((what) => ({
  what,
  ms: summary(perRound(what, 'ms')),
  cpu: summary(perRound(what, 'cpu')),
  cachedKiB: cached.get(what)!,
  wholeStreamMs: whole.get(what)!,
}));
const requirements = [
  ...[long, many].map((what) => ({ what: `${what} / ${short}`, is: ratio(what), most: COST_AT_MOST })),
  {
    what: 'KiB of the largest cached account',
    is: summary([Math.max(...cached.values())]),
    most: KIB_AT_MOST,
  },
].map((one) => ({ ...one, met: one.is.median <= one.most }));
const results = { startedAt, node: process.version, cores: cpus().length, ...options, rows, requirements };
const lines = rows.map(({ what, ms, cpu, cachedKiB, wholeStreamMs }) => [
  what,
  spread(ms, 2),
  spread(cpu, 0),
  cachedKiB.toFixed(1),
  wholeStreamMs.toFixed(1),
]);
const verdicts = requirements.map(
  ({ what, is, most, met }) => `${what}: ${spread(is, 2)}, at most ${most}: ${met ? 'met' : 'MISSED'}`,
);
finishBench(
  options,
  results,
  `${table(['a cold command on', 'ms', 'CPU µs', 'KiB cached', 'ms from the whole stream'], lines)}\n\n${verdicts.join('\n')}`,
  requirements.every(({ met }) => met),
);
