import { text } from 'node:stream/consumers';
import { InvalidArgumentError } from 'commander';
import { Command, Option } from 'nest-commander';
import { WrongUsage } from '../cli/exit.js';
import { progress } from '../cli/progress.js';
import { write } from '../cli/write.js';
import { Log } from '../log/log.js';
import { SelectingCommand, type SelectingOptions } from '../log/selecting-command.js';
import { Database, MEMORY } from './database.js';
import { formatted, type Format } from './formats.js';

interface Options extends SelectingOptions {
  readonly json?: true;
  readonly csv?: true;
  readonly memory?: string;
}

@Command({
  name: 'sql',
  arguments: '[query]',
  description:
    'answers a query in SQL (DuckDB) over the tables events and invitations; without one, queries from standard input',
})
export class SqlCommand extends SelectingCommand {
  protected override readonly examples = [
    'sql "SELECT type, count(*) FROM events GROUP BY type"',
    'sql "SELECT status, count(*) FROM invitations GROUP BY status" --json',
    'sql "DESCRIBE invitations"',
    'sql < questions.sql',
  ];

  constructor(private readonly log: Log) {
    super();
  }

  override async run([query]: string[], options: Options): Promise<void> {
    if (options.json && options.csv) throw new WrongUsage('--json or --csv, not both');
    const format: Format = options.json ? 'json' : options.csv ? 'csv' : 'table';
    const sql = query ?? (await text(process.stdin));
    const shown = progress(process.stderr, 'reading');
    const database = await Database.open(options.memory ?? MEMORY);
    try {
      await database.fill(this.log.batches(this.selectionOf(options), shown)).finally(() => shown.end());
      let between = '';
      for await (const result of database.ask(sql)) {
        await write(between);
        for await (const piece of formatted(result, format)) await write(piece);
        between = '\n';
      }
    } finally {
      database.close();
    }
  }

  @Option({ flags: '--json', description: 'as JSON, an array of rows for each query' })
  json(): true {
    return true;
  }

  @Option({ flags: '--csv', description: 'as CSV' })
  csv(): true {
    return true;
  }

  @Option({ flags: '--memory <size>', description: `the most that the tables may take (default: ${MEMORY})` })
  memoryOf(size: string): string {
    if (/^\d+(MB|GB)$/.test(size)) return size;
    throw new InvalidArgumentError('A size is 512MB, or 4GB.');
  }
}
