import { extname, resolve } from 'node:path';
import { Command, Option } from 'nest-commander';
import { WrongUsage } from '../cli/exit.js';
import { progress } from '../cli/progress.js';
import { Log } from '../log/log.js';
import { SelectingCommand, type SelectingOptions } from '../log/selecting-command.js';
import { COLUMNS } from './columns.js';
import { encoderOf } from './encoder.js';
import { RAW_COLUMNS } from './encodings.js';
import { PSEUDONYM_KEY } from './pseudonyms.js';
import { exportToFile, type Exported } from './to-file.js';
import { exportToStdout } from './to-stdout.js';
import { requestOf } from './unfinished.js';

const FORMATS = ['jsonl', 'csv', 'parquet'] as const;
type Format = (typeof FORMATS)[number];

interface EventsOptions extends SelectingOptions {
  readonly out?: string;
  readonly format?: Format;
  readonly raw?: boolean;
  readonly pseudonyms?: boolean;
  readonly fresh?: boolean;
  readonly json?: boolean;
}

/** Events of accounts in the order of the log, on standard output or in a file. */
@Command({
  name: 'events',
  description:
    'The events of accounts, in the order of the log, as lines of JSON, CSV or Parquet. An export to a file that was ' +
    'interrupted goes on where it was when the same command is given again, and comes to the same bytes.',
})
export class EventsCommand extends SelectingCommand {
  protected override readonly examples = [
    'events --type InvitationSent,InvitationAccepted --since 2026-03-01',
    'events --out events.parquet',
    `events --pseudonyms --out shared.csv     (with a secret in ${PSEUDONYM_KEY})`,
  ];

  constructor(private readonly log: Log) {
    super();
  }

  override async run(_args: string[], options: EventsOptions): Promise<void> {
    const { out, raw = false, pseudonyms = false, fresh = false, json = false, ...given } = options;
    const format = formatOf(given.format, out);
    const encoder = encoderOf(
      { format: format === 'parquet' ? 'jsonl' : format, raw, pseudonyms },
      process.env,
    );
    const { format: _format, ...selecting } = given;
    const selection = this.selectionOf(selecting);
    const shown = progress(process.stderr, 'reading');
    try {
      if (out === undefined) return await exportToStdout(this.log, selection, encoder, shown);
      const columns = raw ? RAW_COLUMNS : COLUMNS.map(({ name, type }) => [name, type] as const);
      const exported = await exportToFile(
        this.log,
        {
          file: resolve(out),
          request: requestOf({ format, raw, pseudonyms, ...asTexts(selecting) }),
          selection,
          encoder,
          parquet: format === 'parquet' ? columns : undefined,
          fresh,
        },
        shown,
      );
      shown.end();
      process.stdout.write(`${json ? JSON.stringify(exported) : sentenceOf(exported)}\n`);
    } finally {
      shown.end();
    }
  }

  @Option({ flags: '--out <file>', description: 'to a file, not to standard output' })
  outOf(text: string): string {
    return text;
  }

  @Option({
    flags: '--format <format>',
    description: `${FORMATS.join(', ')}; by default what the name of the file ends with, or jsonl`,
  })
  formatOf(text: string): Format {
    const format = FORMATS.find((known) => known === text);
    if (format === undefined)
      throw new WrongUsage(`there is no format ${text}; there are ${FORMATS.join(', ')}`);
    return format;
  }

  @Option({ flags: '--raw', description: 'as stored, not in the form that events have today' })
  isRaw(): boolean {
    return true;
  }

  @Option({
    flags: '--pseudonyms',
    description: `members, invitations and commands by keyed hashes, and no texts; the key is in ${PSEUDONYM_KEY}`,
  })
  isPseudonymous(): boolean {
    return true;
  }

  @Option({ flags: '--fresh', description: 'write the file anew, whatever is there' })
  isFresh(): boolean {
    return true;
  }

  @Option({ flags: '--json', description: 'say what was exported as JSON' })
  isJson(): boolean {
    return true;
  }
}

function formatOf(format: Format | undefined, out: string | undefined): Format {
  const extension = out && extname(out).slice(1);
  const chosen = format ?? FORMATS.find((one) => one === extension) ?? 'jsonl';
  if (chosen === 'parquet' && out === undefined) throw new WrongUsage('Parquet needs a file: --out <file>');
  return chosen;
}

/** Positions are no JSON. */
const asTexts = ({ after, to, ...others }: SelectingOptions) => ({
  ...others,
  after: after?.commit.toString(),
  to: to?.commit.toString(),
});

const sentenceOf = ({ file, events, to, resumed }: Exported): string =>
  `${events} events in ${file}, up to position ${to ?? 'none, for the log is empty'} of the log` +
  (resumed === 0 ? '' : `; ${resumed} of them had been written before`);
