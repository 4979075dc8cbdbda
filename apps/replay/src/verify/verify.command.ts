import { Command, Option } from 'nest-commander';
import { loadConfig } from '#libs/platform';
import { Refused, WrongUsage } from '../cli/exit.js';
import { printable } from '../cli/printable.js';
import { progress } from '../cli/progress.js';
import { ToolCommand } from '../cli/tool-command.js';
import { VerifyConfig } from '../config.js';
import { Log } from '../log/log.js';
import type { Difference } from './compare.js';
import { READ_MODELS } from './read-models.js';
import { inSnapshot } from './snapshot.js';
import { verify, type Verdict } from './verify.js';

interface VerifyOptions {
  readonly showValues?: boolean;
  readonly json?: boolean;
}

/** Whether the live read models are what the log comes to. */
@Command({
  name: 'verify',
  arguments: '[projections...]',
  description:
    'Folds the log and compares it with the live read models, all at one moment: rows that are missing, extra or ' +
    'different. It exits 1 where there are any. Needs DATABASE_URL, too: of a user who may read read_models.',
  argsDescription: { projections: `only these of ${READ_MODELS.map(({ name }) => name).join(', ')}` },
})
export class VerifyCommand extends ToolCommand {
  protected override readonly examples = ['verify', 'verify inbox archive --json'];

  constructor(private readonly log: Log) {
    super();
  }

  override async run(names: string[], { json = false, showValues = false }: VerifyOptions): Promise<void> {
    const known = new Map(READ_MODELS.map((projection) => [projection.name, projection]));
    const unknown = names.find((name) => !known.has(name));
    if (unknown !== undefined) {
      throw new WrongUsage(`there is no read model ${unknown}; there are ${[...known.keys()].join(', ')}`);
    }
    const wanted = READ_MODELS.filter(({ name }) => names.length === 0 || names.includes(name));
    const { DATABASE_URL } = loadConfig(VerifyConfig);
    const shown = progress(process.stderr, 'folding');
    try {
      const verdicts = await inSnapshot(DATABASE_URL, (snapshot) =>
        verify(this.log, snapshot, wanted, shown),
      );
      shown.end();
      const lines = json
        ? [JSON.stringify(verdicts.map((verdict) => asJson(verdict, showValues)))]
        : verdicts.flatMap((verdict) => asText(verdict, showValues));
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
      refuseDifferences(verdicts);
    } finally {
      shown.end();
    }
  }

  @Option({
    flags: '--show-values',
    description: 'what differs, not only in which columns: members wrote some of it',
  })
  isShown(): boolean {
    return true;
  }

  @Option({ flags: '--json', description: 'as JSON' })
  isJson(): boolean {
    return true;
  }
}

function refuseDifferences(verdicts: readonly Verdict[]): void {
  if (verdicts.length === 0) throw new Refused('no worker has ever run: there is nothing to compare with');
  const wrong = verdicts.filter(({ tally }) => !tally.agrees).map(({ projection }) => projection);
  if (wrong.length > 0) throw new Refused(`not what the log comes to: ${wrong.join(', ')}`);
}

function asText({ projection, generation, position, parked, tally }: Verdict, showValues: boolean): string[] {
  const { missing, extra, different } = tally.counts;
  const where = position === undefined ? 'before the first event' : `at position ${position.commit}`;
  const found = tally.agrees
    ? 'agree with the log'
    : `${missing} missing, ${extra} extra, ${different} different`;
  return [
    `${projection} (generation ${generation}, ${where}): ${tally.rows} rows, ${found}`,
    ...(parked.length === 0
      ? []
      : [`  ${parked.length} accounts are parked, compared as of where they stand still`]),
    ...tally.sample.map((one) => `  ${lineOf(one, showValues)}`),
  ];
}

function lineOf({ kind, key, columns, folded, live }: Difference, showValues: boolean): string {
  const values = columns.map((name) =>
    showValues
      ? `${name} is ${printable(String(live?.[name]))}, by the log ${printable(String(folded?.[name]))}`
      : name,
  );
  return `${kind}  ${key}${values.length === 0 ? '' : `: ${values.join(', ')}`}`;
}

/** Positions as text: they are 64 bit numbers. */
const asJson = ({ projection, generation, position, parked, tally }: Verdict, showValues: boolean) => ({
  projection,
  generation,
  position: position?.commit.toString() ?? null,
  rows: tally.rows,
  parked,
  ...tally.counts,
  sample: tally.sample.map(({ kind, key, columns, folded, live }) => ({
    kind,
    key,
    columns,
    ...(showValues ? { folded, live } : {}),
  })),
});
