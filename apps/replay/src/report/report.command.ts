import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'nest-commander';
import { progress } from '../cli/progress.js';
import { write } from '../cli/write.js';
import { Log } from '../log/log.js';
import { SelectingCommand, type SelectingOptions } from '../log/selecting-command.js';
import { Database, MEMORY } from '../sql/database.js';
import { figuresOf } from './figures.js';
import { reportPage } from './page.js';

interface Options extends SelectingOptions {
  readonly out?: string;
  readonly json?: true;
}

@Command({
  name: 'report',
  description:
    'the funnel, times to answer, what reminders do, and restrictions: one HTML page with charts that needs nothing else',
})
export class ReportCommand extends SelectingCommand {
  protected override readonly examples = ['report --out report.html', 'report --json'];

  constructor(private readonly log: Log) {
    super();
  }

  override async run(_args: string[], options: Options): Promise<void> {
    const shown = progress(process.stderr, 'reading');
    const database = await Database.open(MEMORY);
    try {
      await database.fill(this.log.batches(this.selectionOf(options), shown)).finally(() => shown.end());
      const figures = await figuresOf(database);
      const output = options.json ? `${JSON.stringify(figures)}\n` : reportPage(figures);
      if (options.out === undefined) await write(output);
      else await writeFile(options.out, output);
    } finally {
      database.close();
    }
  }

  @Option({ flags: '--out <file>', description: 'where the page goes; standard output if it is not given' })
  outOf(file: string): string {
    return file;
  }

  @Option({ flags: '--json', description: 'the figures as JSON instead of the page' })
  json(): true {
    return true;
  }
}
