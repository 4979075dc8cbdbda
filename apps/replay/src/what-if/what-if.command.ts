import { Command, Option } from 'nest-commander';
import { decoded } from '#libs/event-store/reading';
import type { Policy } from '#libs/invitation';
import { loadConfig } from '#libs/platform';
import { progress } from '../cli/progress.js';
import { ToolCommand } from '../cli/tool-command.js';
import { write } from '../cli/write.js';
import { Log } from '../log/log.js';
import type { Difference } from './difference.js';
import { countOf, durationOf, durationsOf, policyInWords, policyOf, PolicyConfig } from './policy-options.js';
import { RedecidedHistory } from './redecided-history.js';
import { inWords } from './report-in-words.js';
import { Summary } from './summary.js';

interface Options {
  readonly limit?: number;
  readonly restrictAfter?: number;
  readonly followUpInterval?: number;
  readonly reminders?: readonly number[];
  readonly reminderValidity?: number;
  readonly details?: true;
  readonly json?: true;
}

@Command({
  name: 'what-if',
  description:
    'decides the history again under another policy, and tells what would have been refused, restricted or reminded. ' +
    'What was refused at the time has left no event, and is not decided again',
})
export class WhatIfCommand extends ToolCommand {
  protected override readonly examples = [
    'what-if --restrict-after 3 --limit 500 --reminders P3D,P10D',
    'what-if --reminders none --json',
    'what-if --limit 100 --details',
  ];

  constructor(private readonly log: Log) {
    super();
  }

  override async run(_args: string[], options: Options): Promise<void> {
    const present = policyOf(loadConfig(PolicyConfig));
    const other = changed(present, options);
    const summary = new Summary();
    const found: Difference[] = [];
    const history = new RedecidedHistory({ present, other }, (difference) => {
      summary.add(difference);
      if (options.details) found.push(difference);
    });
    const tell = () =>
      write(
        found
          .splice(0)
          .map((difference) => `${JSON.stringify(difference)}\n`)
          .join(''),
      );
    const shown = progress(process.stderr, 'deciding');
    let events = 0;
    try {
      for await (const batch of this.log.batches({}, shown)) {
        events += batch.length;
        for (const recorded of batch) history.take(recorded.accountId, decoded(recorded).event);
        await tell();
      }
    } finally {
      shown.end();
    }
    history.finish();
    if (options.details) return tell();
    const asked = { present: policyInWords(present), other: policyInWords(other) };
    const of = { events, accounts: history.accountsSeen };
    if (!options.json) return write(inWords(asked, of, summary));
    const { counts, refused, void: fallenAway } = summary;
    const all = { ...asked, ...of, counts, refused, void: fallenAway, byAccount: summary.byAccount() };
    return write(`${JSON.stringify(all)}\n`);
  }

  @Option({ flags: '--limit <n>', description: 'invitations that an account can send, in total' })
  limitOf(text: string): number {
    return countOf(text);
  }

  @Option({ flags: '--restrict-after <n>', description: 'declines that restrict an account; 0: none do' })
  restrictAfterOf(text: string): number {
    return countOf(text);
  }

  @Option({
    flags: '--follow-up-interval <duration>',
    description: 'least time between two invitations to one recipient',
  })
  followUpIntervalOf(text: string): number {
    return durationOf(text);
  }

  @Option({
    flags: '--reminders <durations>',
    description: 'when reminders are due after sending, with commas between them, or none',
  })
  remindersOf(text: string): number[] {
    return durationsOf(text);
  }

  @Option({ flags: '--reminder-validity <duration>', description: 'how late a reminder may be' })
  reminderValidityOf(text: string): number {
    return durationOf(text);
  }

  @Option({ flags: '--details', description: 'every difference instead, a line of JSON each' })
  detailsOf(): true {
    return true;
  }

  @Option({ flags: '--json', description: 'the summary and all accounts as JSON' })
  json(): true {
    return true;
  }
}

const changed = (present: Policy, options: Options): Policy => ({
  invitationLimit: options.limit ?? present.invitationLimit,
  restrictAfterDeclines: options.restrictAfter ?? present.restrictAfterDeclines,
  followUpIntervalMs: options.followUpInterval ?? present.followUpIntervalMs,
  remindersMs: options.reminders ?? present.remindersMs,
  reminderValidityMs: options.reminderValidity ?? present.reminderValidityMs,
});
