import { Command } from 'nest-commander';
import { decoded } from '#libs/event-store/reading';
import { progress } from '../cli/progress.js';
import { Log } from '../log/log.js';
import { SelectingCommand, type SelectingOptions } from '../log/selecting-command.js';
import { COLUMNS } from './columns.js';

@Command({ name: 'events', description: 'the events of accounts, in the order of the log' })
export class EventsCommand extends SelectingCommand {
  protected override readonly examples = ['events --type InvitationSent --since 2026-03-01'];

  constructor(private readonly log: Log) {
    super();
  }

  override async run(_args: string[], options: SelectingOptions): Promise<void> {
    const shown = progress(process.stderr, 'reading');
    try {
      for await (const batch of this.log.batches(this.selectionOf(options), shown)) {
        for (const recorded of batch) {
          const read = { recorded, event: decoded(recorded).event };
          const line = COLUMNS.map((column) => [column.name, column.of(read)] as const);
          process.stdout.write(
            `${JSON.stringify(Object.fromEntries(line), (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))}\n`,
          );
        }
      }
    } finally {
      shown.end();
    }
  }
}
