import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CliError, formatExamples, quoteIfNeeded, UsageError, writeToStdout, type Command } from '#libs/cli';
import {
  beginStatement,
  createLogger,
  createPool,
  loadConfig,
  MAY_BE_IDLE,
  postgresConnection,
  type PostgresConnection,
} from '#libs/platform';
import { findOneSidedConnections, type OneSidedConnections } from '#libs/read-models/read-only';
import { RepairConfig, TOOL, VerifyConfig } from '../config.js';
import { showLogProgress, type LogReader } from '../log/log-reader.js';
import type { DuplicateEvent } from './duplicate-events.js';
import { withSnapshot } from './read-model-snapshot.js';
import {
  MAX_SAMPLE,
  READ_MODELS,
  verifyReadModels,
  type RowDifference,
  type VerificationResult,
} from './verify-read-models.js';

interface Options {
  readonly repair?: boolean;
  readonly showValues?: boolean;
  readonly json?: boolean;
}

const CONNECTIONS = 'connections';
const NO_CONNECTIONS: OneSidedConnections = { oneSided: [], unclear: 0 };

export function addVerifyCommand(program: Command, log: LogReader): void {
  program
    .command('verify')
    .description(
      'Folds the log and compares it with the live read models, in one snapshot: finds rows that are missing, extra or ' +
        'different, connections that are recorded on one side only, and events that a stream contains twice. Exits with ' +
        '1 if it finds any. Also needs ' +
        'DATABASE_URL, of a user who can read the schema read_models.',
    )
    .argument(
      '[projections...]',
      `only these of ${READ_MODELS.map(({ projection }) => projection.name).join(', ')}`,
    )
    .option('--show-values', 'print the values that differ, not only the columns; members wrote some of them')
    .option(
      '--repair',
      "run the projector's tool to record connections that are recorded on one side only on the other side as well. " +
        'It publishes commands and needs KAFKA_BROKERS',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', formatExamples(TOOL, 'verify', 'verify inbox archive --json', 'verify --repair'))
    .action((names: string[], options: Options) => verify(log, names, options));
}

async function verify(
  log: LogReader,
  names: readonly string[],
  { json = false, repair = false, showValues = false }: Options,
): Promise<void> {
  const known = READ_MODELS.map(({ projection }) => projection.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`there is no read model ${unknown}; there are ${known.join(', ')}`);
  }
  const selected = READ_MODELS.filter(
    ({ projection }) => names.length === 0 || names.includes(projection.name),
  );
  if (repair && !selected.some(({ projection }) => projection.name === CONNECTIONS)) {
    throw new UsageError(`--repair repairs ${CONNECTIONS}, which are not among the given projections`);
  }
  const database = postgresConnection(loadConfig(VerifyConfig));
  // Checked before the log is folded, which takes long, although it is needed only afterwards.
  if (repair) loadConfig(RepairConfig);
  const progress = showLogProgress('folding');
  try {
    const { readModels: results, duplicateEvents } = await withSnapshot(database, (snapshot) =>
      verifyReadModels(log, snapshot, selected, progress),
    );
    progress.stop();
    const connections = results.some(({ projection }) => projection === CONNECTIONS)
      ? await readOneSidedConnections(database, log)
      : NO_CONNECTIONS;
    const lines = json
      ? [JSON.stringify(results.map((result) => toJson(result, connections, duplicateEvents, showValues)))]
      : [
          ...results.flatMap((result) => formatResult(result, showValues)),
          ...formatConnections(connections, repair),
          ...formatDuplicates(duplicateEvents),
        ];
    await writeToStdout(lines.map((line) => `${line}\n`).join(''));
    const count = connections.oneSided.length;
    const isRepaired = count === 0 || (repair && (await runRepair(!json)));
    assertNoDifferences(results);
    if (duplicateEvents.length > 0) {
      throw new CliError(
        `${countEvents(duplicateEvents.length)} stored more than once, and counted as often by analysts' queries`,
      );
    }
    if (!isRepaired) {
      const hint = repair ? 'not all could be repaired' : 'verify --repair records them on the other side';
      throw new CliError(`${count} connections are recorded on one side only: ${hint}`);
    }
  } finally {
    progress.stop();
  }
}

/** Finds connections that are recorded on one side only, in the read model and the accounts' streams, without writing. */
async function readOneSidedConnections(
  database: PostgresConnection,
  log: LogReader,
): Promise<OneSidedConnections> {
  const pool = createPool({ ...database, app: 'replay-verify', max: 1 }, createLogger('replay', 'silent'));
  try {
    const db = await pool.connect();
    try {
      // A setting of the session would stay behind in a connection pooler, for its other clients.
      await db.query(beginStatement(db, 'READ COMMITTED READ ONLY'));
      await db.query(MAY_BE_IDLE);
      return await findOneSidedConnections(db, (accountId) => log.readAccount(accountId));
    } finally {
      await db.query('ROLLBACK').catch(() => undefined);
      db.release();
    }
  } finally {
    await pool.end();
  }
}

/** The tool of the projector, which can publish. Replay has no code that publishes (docs/adr/0013). */
const REPAIR_TOOL = fileURLToPath(new URL('../../../projector/src/projections.main.js', import.meta.url));

/**
 * Runs the projector's repair in a process of its own, with the environment of this one.
 * @param toStdout whether its output goes to standard output rather than standard error
 * @returns whether it repaired everything
 */
async function runRepair(toStdout: boolean): Promise<boolean> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=TimeoutNegativeWarning', REPAIR_TOOL, 'repair-connections'],
    { stdio: ['ignore', toStdout ? 1 : 2, 2] },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

/** @throws CliError if a read model differs from the log, or nothing was compared */
function assertNoDifferences(results: readonly VerificationResult[]): void {
  if (results.length === 0) throw new CliError('no worker has ever run: there is nothing to compare with');
  const wrong = results.filter(({ diff }) => !diff.isEmpty).map(({ projection }) => projection);
  if (wrong.length > 0) throw new CliError(`not what the log comes to: ${wrong.join(', ')}`);
}

function formatResult(
  { projection, generation, position, parked, unreadable, diff }: VerificationResult,
  showValues: boolean,
): string[] {
  const { missing, extra, different } = diff.counts;
  const where = position === undefined ? 'before the first event' : `at position ${position.commit}`;
  const found = diff.isEmpty
    ? 'agree with the log'
    : `${missing} missing, ${extra} extra, ${different} different`;
  return [
    `${projection} (generation ${generation}, ${where}): ${diff.rows} rows, ${found}`,
    ...(parked.length === 0
      ? []
      : [`  ${parked.length} accounts are parked, compared as of where they stand still`]),
    ...(unreadable.length === 0
      ? []
      : [`  ${unreadable.length} accounts are not compared: this version cannot read all of their events`]),
    ...diff.sample.map((one) => `  ${formatDifference(one, showValues)}`),
  ];
}

function formatConnections({ oneSided, unclear }: OneSidedConnections, repair: boolean): string[] {
  const lines = oneSided
    .slice(0, MAX_SAMPLE)
    .map(({ inviterId, recipientId, invitationId }) => `  ${recipientId} with ${inviterId}: ${invitationId}`);
  if (oneSided.length > MAX_SAMPLE)
    lines.push(`  and ${oneSided.length - MAX_SAMPLE} more: --json gives all`);
  return [
    ...(oneSided.length === 0
      ? []
      : [
          `${oneSided.length} connections are recorded on one side only${repair ? '' : '; --repair has them recorded'}:`,
        ]),
    ...lines,
    ...(unclear === 0
      ? []
      : [`${unclear} connections are unclear: this version cannot read all events of an account of theirs`]),
  ];
}

const countEvents = (count: number): string => (count === 1 ? '1 event is' : `${count} events are`);

function formatDuplicates(duplicates: readonly DuplicateEvent[]): string[] {
  if (duplicates.length === 0) return [];
  const lines = duplicates
    .slice(0, MAX_SAMPLE)
    .map(({ accountId, id, type, revisions }) => `  ${accountId}: ${type} ${id} at ${revisions.join(', ')}`);
  const more = duplicates.length - lines.length;
  return [
    `${countEvents(duplicates.length)} stored more than once in a stream, at these revisions:`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more: --json gives all`] : []),
  ];
}

function formatDifference({ kind, key, columns, folded, live }: RowDifference, showValues: boolean): string {
  const values = columns.map((name) =>
    showValues
      ? `${name} is ${quoteIfNeeded(String(live?.[name]))}, by the log ${quoteIfNeeded(String(folded?.[name]))}`
      : name,
  );
  return `${kind}  ${key}${values.length === 0 ? '' : `: ${values.join(', ')}`}`;
}

/** Positions become text, because they are 64-bit integers. */
const toJson = (
  { projection, generation, position, parked, unreadable, diff }: VerificationResult,
  { oneSided, unclear }: OneSidedConnections,
  duplicateEvents: readonly DuplicateEvent[],
  showValues: boolean,
) => ({
  projection,
  generation,
  position: position?.commit.toString() ?? null,
  rows: diff.rows,
  parked,
  unreadable,
  ...diff.counts,
  ...(projection === CONNECTIONS ? { oneSided, unclear } : {}),
  duplicateEvents,
  sample: diff.sample.map(({ kind, key, columns, folded, live }) => ({
    kind,
    key,
    columns,
    ...(showValues ? { folded, live } : {}),
  })),
});
