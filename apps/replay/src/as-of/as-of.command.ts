import { Command, Option } from 'nest-commander';
import { WrongUsage } from '../cli/exit.js';
import { momentOf } from '../cli/moment.js';
import { progress } from '../cli/progress.js';
import { printable } from '../cli/printable.js';
import { ToolCommand } from '../cli/tool-command.js';
import { Log } from '../log/log.js';
import { LISTS, type ListName } from './lists.js';
import { rowsAsOf } from './rows-as-of.js';

const NAMES = Object.keys(LISTS) as ListName[];

interface AsOfOptions {
  readonly member: string;
  readonly json?: boolean;
}

/** What a member's list held at a moment. */
@Command({
  name: 'as-of',
  arguments: '<moment> <list>',
  description:
    "A member's list as it was at a moment, by the code that shows it today. Members are told by their ids: " +
    'their names are not in the log.',
  argsDescription: {
    moment: 'an instant such as 2026-03-01T09:00:00Z, or a position in the log',
    list: NAMES.join(', '),
  },
})
export class AsOfCommand extends ToolCommand {
  protected override readonly examples = [
    'as-of 2026-03-01T09:00:00Z inbox --member bilal',
    'as-of 62482753 restriction --member amal --json',
  ];

  constructor(private readonly log: Log) {
    super();
  }

  override async run([when, name]: string[], { member, json = false }: AsOfOptions): Promise<void> {
    const list = NAMES.find((one) => one === name);
    if (list === undefined) throw new WrongUsage(`there is no list ${name}; there are ${NAMES.join(', ')}`);
    const moment = momentOf(when!);
    const shown = progress(process.stderr, 'folding');
    try {
      const items = await rowsAsOf(this.log, moment, list, member, shown);
      shown.end();
      process.stdout.write(
        json
          ? `${JSON.stringify({ asOf: when, list, member, items })}\n`
          : items.map((row) => `${lineOf(row)}\n`).join('') || 'nothing\n',
      );
    } finally {
      shown.end();
    }
  }

  @Option({ flags: '--member <member>', description: 'whose list it is', required: true })
  memberOf(text: string): string {
    return text;
  }

  @Option({ flags: '--json', description: 'as JSON' })
  isJson(): boolean {
    return true;
  }
}

const lineOf = (row: object): string =>
  Object.entries(row)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${printable(String(value))}`)
    .join('  ');
