import { join } from 'node:path';
import type { RawEvent } from '#libs/event-store/read-only';
import { createEncoder } from '../../../../apps/replay/src/events/event-encoder.js';
import { columnsOf, schemaOf } from '../../../../apps/replay/src/events/export-schema.js';
import { PartitionedExport } from '../../../../apps/replay/src/events/partitioned-export.js';
import { UnreadableEvents } from '../../../../apps/replay/src/log/log-reader.js';
import { Database, DEFAULT_MEMORY } from '../../../../apps/replay/src/sql/database.js';
import { ResultFile } from '../../../../apps/replay/src/sql/result-file.js';
import { DEFAULT_SAMPLE } from '../../../../apps/standalone/src/sample-history/sample-history.js';
import { MemoryLog } from '../../replay/support/memory-log.js';
import { toRawEvents } from '../raw-events.js';
import { sampleLog } from '../sample.js';

/**
 * Exports the sample history as the notebook says: `replay events --partition-by day --out events` and
 * `replay invitations --out invitations.parquet`.
 */
export async function exportSample(folder: string): Promise<void> {
  const log = new MemoryLog();
  log.rangeSize = 500;
  for await (const batch of toRawEvents(sampleLog(DEFAULT_SAMPLE))) log.events.push(...batch);
  await exportEvents(log, join(folder, 'events'));

  const file = new ResultFile(join(folder, 'invitations.parquet'), { csvSafe: true, fresh: false });
  const database = await Database.open({ memory: DEFAULT_MEMORY, output: file.output });
  try {
    await database.insert(eventsIn(log), new UnreadableEvents());
    await database.fold();
    await file.write(database, 'FROM invitations ORDER BY position');
  } finally {
    database.close();
  }
}

async function exportEvents(log: MemoryLog, directory: string): Promise<void> {
  const unreadable = new UnreadableEvents();
  const partitioned = await PartitionedExport.open({
    directory,
    format: 'parquet',
    header: '',
    columns: columnsOf(false),
    schema: schemaOf(false),
    options: {},
    selection: {},
    encoder: createEncoder({ format: 'jsonl', raw: false, pseudonyms: false }, {}, unreadable),
    unreadable,
    skipUnreadable: false,
    anchorKey: '',
    eventsPerCommit: Infinity,
    onCommit: () => undefined,
  });
  const progress = { advance: () => undefined, stop: () => undefined };
  try {
    await partitioned.catchUp(log.asReader(), progress, new AbortController().signal);
  } finally {
    partitioned.close();
  }
}

async function* eventsIn(log: MemoryLog): AsyncGenerator<RawEvent[], void, void> {
  for await (const { events } of log.readRanges({})) yield events;
}
