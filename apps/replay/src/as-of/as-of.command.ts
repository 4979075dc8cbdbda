import { formatExamples, quoteIfNeeded, UsageError, type Command } from '#libs/cli';
import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/read-only';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  sentProjection,
  type AccountRestrictionRow,
  type ArchiveRow,
  type ConnectionRow,
} from '#libs/read-models/read-only';
import { TOOL } from '../config.js';
import { InMemoryProjection } from '../log/in-memory-projection.js';
import { showLogProgress, type LogProgress, type LogReader } from '../log/log-reader.js';
import { parsePointInTime, type PointInTime } from '../log/point-in-time.js';
import type { Selection } from '../log/selection.js';

/** A list of a member, defined by the projection that shows it today. */
interface MemberList<Row extends object> {
  readonly projection: RowProjection<InvitationEvent, Row>;
  /** What is shown of a row. */
  toItem(row: Row): object;
  /** Selects the events that can change the list. Only these are folded. */
  selectionOf(member: string): Selection;
  isOf(row: Row, member: string): boolean;
  /** The list is sorted by these, newest first. The id decides between rows of the same instant. */
  sortKeyOf(row: Row): readonly [at: string, id: string];
}

/**
 * A list of a recipient. The streams of all inviters contribute to it. The projection of the archive has every open invitation,
 * also those of the inbox, and those that the recipient moved back to it (D20).
 */
const listOfRecipient = (
  isListed: (row: ArchiveRow) => boolean,
  toItem: (row: ArchiveRow) => object,
): MemberList<ArchiveRow> => ({
  projection: archiveProjection,
  toItem,
  selectionOf: (member) => ({ member }),
  isOf: (row, member) => row.recipient_id === member && isListed(row),
  sortKeyOf: ({ sent_at, invitation_id }) => [sent_at, invitation_id],
});

/** A list of an inviter. Only the inviter's own stream contributes to it. */
const listOfInviter = <Row extends object>(
  projection: RowProjection<InvitationEvent, Row>,
  ownerOf: (row: Row) => string | undefined,
  sortKeyOf: MemberList<Row>['sortKeyOf'],
): MemberList<Row> => ({
  projection,
  toItem: (row) => row,
  selectionOf: (member) => ({ account: member }),
  isOf: (row, member) => ownerOf(row) === member,
  sortKeyOf,
});

/** All lists, under the names that they have on the command line. */
export const LISTS = {
  inbox: listOfRecipient(
    ({ ignored }) => !ignored,
    ({ ignored: _ignored, restored: _restored, ...item }) => item,
  ),
  archive: listOfRecipient(
    ({ ignored }) => ignored,
    ({ restored: _restored, ...item }) => item,
  ),
  sent: listOfInviter(
    sentProjection,
    // A superseded one is not in the list: it belongs to its follow-up.
    (row) => (row.status === 'superseded' ? undefined : row.inviter_id),
    ({ sent_at, invitation_id }) => [sent_at, invitation_id],
  ),
  connections: listOfInviter<ConnectionRow>(
    connectionsProjection,
    (row) => row.member_id,
    ({ since, other_id }) => [since, other_id],
  ),
  restriction: listOfInviter<AccountRestrictionRow>(
    accountRestrictionProjection,
    (row) => row.account_id,
    ({ since, account_id }) => [since, account_id],
  ),
} as const;

export type ListName = keyof typeof LISTS;

const NAMES = Object.keys(LISTS) as ListName[];

interface Options {
  readonly member: string;
  readonly json?: boolean;
}

export function addAsOfCommand(program: Command, log: LogReader): void {
  program
    .command('as-of')
    .description(
      'Shows a list of a member as it was at a point in time, folded by the code that shows it today. Members appear ' +
        'by their ids, because the log does not contain their names.',
    )
    .argument('<moment>', 'an instant such as 2026-03-01T09:00:00Z, or a position in the log')
    .argument('<list>', NAMES.join(', '))
    .requiredOption('--member <member>', 'the member whose list it is')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      formatExamples(
        TOOL,
        'as-of 2026-03-01T09:00:00Z inbox --member bilal',
        'as-of 62482753 restriction --member amal --json',
      ),
    )
    .action(async (moment: string, name: string, { member, json = false }: Options) => {
      const list = NAMES.find((known) => known === name);
      if (list === undefined) throw new UsageError(`there is no list ${name}; there are ${NAMES.join(', ')}`);
      const pointInTime = parsePointInTime(moment);
      const progress = showLogProgress('folding');
      try {
        const items = await readListAsOf(log, pointInTime, list, member, progress);
        progress.stop();
        process.stdout.write(
          json
            ? `${JSON.stringify({ asOf: moment, list, member, items })}\n`
            : items.map((row) => `${formatRow(row)}\n`).join('') || 'nothing\n',
        );
      } finally {
        progress.stop();
      }
    });
}

/**
 * Folds a member's list as it was at a point in time. At an instant, the list holds what had happened by then, according to
 * the clock of the process that decided it; at a position, it holds what the log held.
 * @returns the rows, newest first
 * @throws EventStoreUnavailableError
 */
export async function readListAsOf(
  log: LogReader,
  pointInTime: PointInTime,
  name: ListName,
  member: string,
  progress?: LogProgress,
): Promise<readonly object[]> {
  const list = LISTS[name] as MemberList<object>;
  const folded = new InMemoryProjection(list.projection);
  for await (const events of log.readBatches({ ...list.selectionOf(member), ...pointInTime }, progress)) {
    for (const raw of events) {
      const read = log.unreadable.decode(raw);
      if (read !== undefined) folded.apply(read.event);
    }
  }
  return [...folded.rows.values()]
    .filter((row) => list.isOf(row, member))
    .toSorted((one, other) => compareDescending(list.sortKeyOf(one), list.sortKeyOf(other)))
    .map((row) => list.toItem(row));
}

function compareDescending(
  [at, id]: readonly [string, string],
  [otherAt, otherId]: readonly [string, string],
): number {
  if (at !== otherAt) return at < otherAt ? 1 : -1;
  return id < otherId ? 1 : -1;
}

const formatRow = (row: object): string =>
  Object.entries(row)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${quoteIfNeeded(String(value))}`)
    .join('  ');
