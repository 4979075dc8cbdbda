import { formatExamples, InvalidArgumentError, writeToStdout, type Command } from '#libs/cli';
import type { Policy } from '#libs/invitation';
import { loadConfig } from '#libs/platform';
import { PolicyConfig, toPolicy } from '#libs/policy';
import { TOOL } from '../config.js';
import { parseDuration } from '../log/duration.js';
import { showLogProgress, type LogReader } from '../log/log-reader.js';
import { DiffSummary, formatSummary } from './diff-summary.js';
import { HistorySimulation, type Difference } from './history-simulation.js';

interface Options {
  readonly limit?: number;
  readonly restrictAfter?: number;
  readonly followUpInterval?: number;
  readonly reminders?: readonly number[];
  readonly reminderValidity?: number;
  readonly details?: true;
  readonly json?: true;
}

export function addWhatIfCommand(program: Command, log: LogReader): void {
  program
    .command('what-if')
    .description(
      'Decides the history again under another policy, and shows what would have been refused, restricted or reminded. ' +
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
    .option('--details', 'every difference instead of the summary, one line of JSON each')
    .option('--json', 'the summary and all accounts as JSON')
    .addHelpText(
      'after',
      formatExamples(
        TOOL,
        'what-if --restrict-after 3 --limit 500 --reminders P3D,P10D',
        'what-if --reminders none --json',
        'what-if --limit 100 --details',
      ),
    )
    .action((options: Options) => simulatePolicy(log, options));
}

async function simulatePolicy(log: LogReader, options: Options): Promise<void> {
  // The present policy, from the same variables as in the command app.
  const present = toPolicy(loadConfig(PolicyConfig));
  const other = applyOptions(present, options);
  const summary = new DiffSummary();
  const pending: Difference[] = [];
  const history = new HistorySimulation({ present, other }, (difference) => {
    summary.add(difference);
    if (options.details) pending.push(difference);
  });
  const writeDetails = () =>
    writeToStdout(
      pending
        .splice(0)
        .map((difference) => `${JSON.stringify(difference)}\n`)
        .join(''),
    );
  const progress = showLogProgress('deciding');
  let events = 0;
  try {
    for await (const batch of log.readBatches({}, progress)) {
      for (const raw of batch) {
        const read = log.unreadable.decode(raw);
        if (read === undefined) continue;
        events += 1;
        history.apply(raw.accountId, read.event);
      }
      await writeDetails();
    }
  } finally {
    progress.stop();
  }
  history.finish();
  if (options.details) return writeDetails();
  const policies = { present: describePolicy(present), other: describePolicy(other) };
  const totals = { events, accounts: history.accountCount };
  if (!options.json) return writeToStdout(formatSummary(policies, totals, summary));
  const { counts, refused, void: voided } = summary;
  const json = { ...policies, ...totals, counts, refused, void: voided, byAccount: summary.byAccount() };
  return writeToStdout(`${JSON.stringify(json)}\n`);
}

const applyOptions = (present: Policy, options: Options): Policy => ({
  invitationLimit: options.limit ?? present.invitationLimit,
  restrictAfterDeclines: options.restrictAfter ?? present.restrictAfterDeclines,
  followUpIntervalMs: options.followUpInterval ?? present.followUpIntervalMs,
  remindersMs: options.reminders ?? present.remindersMs,
  reminderValidityMs: options.reminderValidity ?? present.reminderValidityMs,
});

function parseCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 0 on.');
}

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
});
