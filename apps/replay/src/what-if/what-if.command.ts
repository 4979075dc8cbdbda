import { formatExamples, InvalidArgumentError, writeToStdout, type Command } from '#libs/cli';
import type { Policy } from '#libs/invitation';
import { loadConfig } from '#libs/platform';
import { PolicyConfig, toPolicy } from '#libs/policy';
import { TOOL } from '../config.js';
import { parseSize } from '../sql/log-database.js';
import { parseDuration } from '../log/duration.js';
import { showLogProgress, type LogReader } from '../log/log-reader.js';
import { formatSummary, MAX_ACCOUNTS, type AccountSummary } from './diff-summary.js';
import { HistorySimulation } from './history-simulation.js';
import { SIMULATION_MEMORY } from './history-tables.js';

interface Options {
  readonly limit?: number;
  readonly restrictAfter?: number;
  readonly followUpInterval?: number;
  readonly reminders?: readonly number[];
  readonly reminderValidity?: number;
  readonly expiry?: number;
  readonly memory?: string;
  readonly details?: true;
  readonly json?: true;
}

export function addWhatIfCommand(program: Command, log: LogReader): void {
  program
    .command('what-if')
    .description(
      'Decides the history again under another policy, and shows what would have been refused, restricted, reminded or expired. ' +
        'Commands that were refused at the time left no event and are not decided again.',
    )
    .option('--limit <n>', 'invitations that an account can send in total', parseCount)
    .option('--restrict-after <n>', 'declines that restrict an account; 0 turns restrictions off', parseCount)
    .option(
      '--follow-up-interval <duration>',
      'least time between two invitations to one recipient',
      parseDuration,
    )
    .option(
      '--reminders <durations>',
      'times after sending at which reminders are due, separated by commas, or none',
      parseDurations,
    )
    .option('--reminder-validity <duration>', 'how late a reminder can be', parseDuration)
    .option(
      '--expiry <duration>',
      'how long an invitation may be open before it expires, or none',
      parseExpiry,
    )
    .option(
      '--memory <size>',
      `memory limit of the events, which are in a temporary file (default: ${SIMULATION_MEMORY})`,
      parseSize,
    )
    .option('--details', 'every difference instead of the summary, one line of JSON each')
    .option('--json', 'the summary and all accounts as JSON')
    .addHelpText(
      'after',
      formatExamples(
        TOOL,
        'what-if --restrict-after 3 --limit 500 --reminders P3D,P10D',
        'what-if --reminders none --json',
        'what-if --expiry P180D',
        'what-if --limit 100 --details',
      ),
    )
    .action((options: Options) => simulatePolicy(log, options));
}

async function simulatePolicy(log: LogReader, options: Options): Promise<void> {
  // The present policy, from the same variables as in the command app.
  const present = toPolicy(loadConfig(PolicyConfig));
  const other = applyOptions(present, options);
  // Texts are not needed.
  log.texts.leaveEncrypted();
  const history = await HistorySimulation.open({ present, other }, options.memory);
  try {
    await readHistory(log, history);
    await history.run();
    if (options.details) return await writeDetails(history);
    const policies = { present: describePolicy(present), other: describePolicy(other) };
    const totals = { events: history.eventCount, accounts: history.accountCount };
    const { changedAccounts, ...summary } = await history.summary();
    if (options.json) return await writeJson({ ...policies, ...totals, ...summary }, history);
    const shown: AccountSummary[] = [];
    for await (const account of history.accounts()) {
      if (shown.length === MAX_ACCOUNTS) break;
      shown.push(account);
    }
    await writeToStdout(formatSummary(policies, totals, { ...summary, changedAccounts }, shown));
  } finally {
    history.close();
  }
}

async function readHistory(log: LogReader, history: HistorySimulation): Promise<void> {
  const progress = showLogProgress('reading');
  try {
    for await (const batch of log.readBatches({}, progress)) {
      for (const raw of batch) {
        const read = log.unreadable.decode(raw);
        if (read !== undefined) history.add(raw.accountId, read.event);
      }
    }
  } finally {
    progress.stop();
  }
}

/** Writes the members of an object, and the accounts one by one, because there may be many. */
async function writeJson(summary: object, history: HistorySimulation): Promise<void> {
  await writeToStdout(`${JSON.stringify(summary).slice(0, -1)},"byAccount":[`);
  let separator = '';
  for await (const account of history.accounts()) {
    await writeToStdout(`${separator}${JSON.stringify(account)}`);
    separator = ',';
  }
  await writeToStdout(']}\n');
}

async function writeDetails(history: HistorySimulation): Promise<void> {
  for await (const difference of history.differences())
    await writeToStdout(`${JSON.stringify(difference)}\n`);
}

const applyOptions = (present: Policy, options: Options): Policy => ({
  invitationLimit: options.limit ?? present.invitationLimit,
  restrictAfterDeclines: options.restrictAfter ?? present.restrictAfterDeclines,
  followUpIntervalMs: options.followUpInterval ?? present.followUpIntervalMs,
  remindersMs: options.reminders ?? present.remindersMs,
  reminderValidityMs: options.reminderValidity ?? present.reminderValidityMs,
  invitationExpiryMs: options.expiry ?? present.invitationExpiryMs,
});

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 0 on.');
}

const parseExpiry = (text: string): number => (text === 'none' ? 0 : parseDuration(text));

function parseDurations(text: string): number[] {
  const all = text === 'none' ? [] : text.split(',').map((one) => parseDuration(one.trim()));
  if (all.every((ms, index) => index === 0 || ms > all[index - 1]!)) return all;
  throw new InvalidArgumentError('Durations ascend: P3D,P10D.');
}

const DAY_MS = 24 * 60 * 60_000;
const formatDuration = (ms: number) => (ms % DAY_MS === 0 ? `P${ms / DAY_MS}D` : `PT${ms / 1_000}S`);

/** Describes a policy in the notation of the options. */
const describePolicy = (policy: Policy) => ({
  limit: policy.invitationLimit,
  restrictAfter: policy.restrictAfterDeclines,
  followUpInterval: formatDuration(policy.followUpIntervalMs),
  reminders: policy.remindersMs.map(formatDuration).join(',') || 'none',
  reminderValidity: formatDuration(policy.reminderValidityMs),
  expiry: policy.invitationExpiryMs === 0 ? 'none' : formatDuration(policy.invitationExpiryMs),
});
