import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createEncoder } from '../../../apps/replay/src/events/event-encoder.js';
import { columnsOf, schemaOf } from '../../../apps/replay/src/events/export-schema.js';
import {
  PartitionedExport,
  type PartitionedExportRequest,
} from '../../../apps/replay/src/events/partitioned-export.js';
import { UnreadableEvents } from '../../../apps/replay/src/log/log-reader.js';
import { toRawEvents } from '../analysts/raw-events.js';
import { readByDuckDb } from '../../support/duckdb.js';
import { MemoryLog } from './support/memory-log.js';
import { id, sent } from '../../support/story.js';

const SILENT = { advance: () => undefined, stop: () => undefined };

let folder: string;
let log: MemoryLog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partitioned-'));
  log = new MemoryLog();
});
afterEach(() => rm(folder, { recursive: true }));

/** Appends one invitation for each day of January 2026. */
async function appendDays(...days: number[]): Promise<void> {
  const story = days.map((day, index) => {
    const n = log.events.length + index + 1;
    return {
      accountId: 'amal',
      event: sent(n, {
        at: `2026-01-${String(day).padStart(2, '0')}T12:00:00.000Z`,
        recipientId: `r${n}`,
        message: `message ${n}`,
      }),
    };
  });
  const start = BigInt(log.events.length * 100);
  for await (const batch of toRawEvents(story))
    for (const event of batch) {
      const commit = start + event.position.commit;
      log.events.push({ ...event, position: { commit, prepare: commit } });
    }
}

function requestOf(change: Partial<PartitionedExportRequest> = {}): PartitionedExportRequest {
  const unreadable = new UnreadableEvents();
  const encoder = createEncoder({ format: 'jsonl', raw: false, pseudonyms: false }, {}, unreadable);
  return {
    directory: folder,
    format: 'parquet',
    header: '',
    columns: columnsOf(false),
    schema: schemaOf(false),
    options: {},
    selection: {},
    encoder,
    unreadable,
    skipUnreadable: false,
    anchorKey: '',
    eventsPerCommit: 1_000,
    onCommit: () => undefined,
    ...change,
  };
}

async function run(change: Partial<PartitionedExportRequest> = {}): Promise<void> {
  const partitioned = await PartitionedExport.open(requestOf(change));
  try {
    await partitioned.catchUp(log.asReader(), SILENT, new AbortController().signal);
  } finally {
    partitioned.close();
  }
}

const FILES = "read_parquet('{}/day=*/*.parquet', hive_partitioning = true, union_by_name = true)";
const rows = (columns: string) =>
  readByDuckDb(`SELECT ${columns} FROM ${FILES.replace('{}', folder)} ORDER BY position`);
const commandIds = async () => (await rows('command_id')).map((row) => row['command_id']);
const allIds = () => log.events.map((_, index) => id(index + 1));
const filesIn = async () =>
  (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.parquet')).toSorted();
const readState = async () =>
  JSON.parse(await readFile(join(folder, '_export.json'), 'utf8')) as Record<string, unknown>;

describe('PartitionedExport', () => {
  it('puts each event into the folder of its day, also a late one', async () => {
    await appendDays(1, 2, 2);
    await run();
    const before = await filesIn();
    expect(before.map((name) => name.split('/')[0])).toEqual(['day=2026-01-01', 'day=2026-01-02']);
    await appendDays(3, 1);
    await run();
    const after = await filesIn();
    expect(after.filter((name) => !before.includes(name)).map((name) => name.split('/')[0])).toEqual([
      'day=2026-01-01',
      'day=2026-01-03',
    ]);
    expect((await rows('day::VARCHAR AS day')).map((row) => row['day'])).toEqual(
      [1, 2, 2, 3, 1].map((day) => `2026-01-0${day}`),
    );
    expect(await readState()).toMatchObject({ position: '500', events: 5, files: 4 });
  });

  it('takes the day from the time of recording if a raw event has no valid time', async () => {
    await appendDays(1);
    const data = { ...(log.events[0]!.data as object), at: '../../../outside' };
    log.events[0] = { ...log.events[0]!, data };
    const encoder = createEncoder(
      { format: 'jsonl', raw: true, pseudonyms: false },
      {},
      new UnreadableEvents(),
    );
    await run({ encoder, columns: columnsOf(true) });
    expect(await filesIn()).toEqual([expect.stringMatching(/^day=2026-01-01\/events-0*100-0*100\.parquet$/)]);
  });

  it('writes nothing when there is nothing new', async () => {
    await appendDays(1);
    await run();
    const before = await readFile(join(folder, '_export.json'), 'utf8');
    await run();
    expect(await readFile(join(folder, '_export.json'), 'utf8')).toBe(before);
    expect(await filesIn()).toHaveLength(1);
  });

  it('writes files after the given number of events', async () => {
    await appendDays(1, 1, 1, 1, 1);
    await run({ eventsPerCommit: 2 });
    expect(await filesIn()).toHaveLength(3);
    expect(await commandIds()).toEqual(allIds());
  });

  it.each([0, 1, 2])(
    'finishes a commit that was killed when %d of its two files were in their places',
    async (published) => {
      await appendDays(1);
      await run();
      const before = await readState();
      await appendDays(2, 3);
      await run();
      const complete = await readState();
      const files = (await filesIn()).slice(1);
      const { position, anchor, events, files: count } = complete;
      const pending = { to: { position, anchor, events, files: count }, files };
      await writeFile(join(folder, '_export.json'), JSON.stringify({ ...before, pending }));
      for (const file of files.slice(published))
        await rename(join(folder, file), join(folder, '_staging', `${file.replaceAll('/', '.')}.tmp`));

      await appendDays(4);
      await run();
      expect(await commandIds()).toEqual(allIds());
      expect(await filesIn()).toHaveLength(4);
      expect(await readState()).toMatchObject({ position: '400', events: 4, files: 4 });
      expect(await readState()).not.toHaveProperty('pending');
      expect(await readdir(join(folder, '_staging'))).toEqual([]);
    },
  );

  it('neither loses nor doubles an event when it fails while it moves files to their places', async () => {
    await run();
    await appendDays(1, 2);
    await writeFile(join(folder, 'day=2026-01-02'), 'in the way');
    await expect(run()).rejects.toThrow(/day=2026-01-02/);
    await rm(join(folder, 'day=2026-01-02'));
    await appendDays(1, 2);
    await run();
    expect(await commandIds()).toEqual(allIds());
  });

  it('discards what was written but not committed when it was killed', async () => {
    await appendDays(1);
    await run();
    await appendDays(1);
    await writeFile(join(folder, '_staging', '2026-01-01.lines'), '{"position":200,"id":"torn');
    await writeFile(join(folder, '_staging', 'day=2026-01-01.events-200-200.parquet.tmp'), 'half a file');
    await run();
    expect(await commandIds()).toEqual(allIds());
  });

  it('commits what it has read when the event store fails, and goes on from there', async () => {
    await appendDays(1, 2, 3);
    log.failsAfter = 2;
    await expect(run()).rejects.toThrow('away');
    expect(await readState()).toMatchObject({ position: '200', events: 2 });
    log.failsAfter = Infinity;
    await run();
    expect(await commandIds()).toEqual(allIds());
  });

  it('commits what it has read when it is stopped', async () => {
    await appendDays(1, 2, 3);
    const partitioned = await PartitionedExport.open(requestOf());
    await partitioned.catchUp(log.asReader(), SILENT, AbortSignal.abort());
    partitioned.close();
    expect(await readState()).toMatchObject({ position: '100', events: 1 });
    await run();
    expect(await commandIds()).toEqual(allIds());
  });

  it('refuses a log that was restored to an earlier state', async () => {
    await appendDays(1, 2, 3);
    await run();
    const state = await readState();
    log.events.length = 2;
    await expect(run()).rejects.toThrow(
      /ends at position 200, before position 300.*restored.*Export to a new directory/,
    );
    // The restored log grows past the position, with other events.
    await appendDays(4, 4);
    log.events[2] = { ...log.events[2]!, id: id(99) };
    await expect(run()).rejects.toThrow(/at position 300.*restored/);
    log.events.length = 0;
    await expect(run()).rejects.toThrow(/restored/);
    expect(await readState()).toEqual(state);
  });

  it('notices a restored log also if the events after the last exported one were not selected', async () => {
    await appendDays(1, 2, 3);
    const selection = { before: '2026-01-02T00:00:00.000Z' };
    await run({ selection });
    expect(await readState()).toMatchObject({ position: '300', events: 1 });
    log.events.length = 2;
    await expect(run({ selection })).rejects.toThrow(/restored/);
  });

  it('keeps old files as they are when an event has a new version and a new column', async () => {
    await appendDays(1);
    const present = schemaOf(false);
    const olderColumns = columnsOf(false).filter(([name]) => name !== 'message');
    const older = {
      version: 'older',
      eventVersions: { ...present.eventVersions, InvitationSent: 0 },
    };
    await run({ schema: older, columns: olderColumns });
    const [oldFile] = await filesIn();
    const bytes = await readFile(join(folder, oldFile!));
    await appendDays(1);
    await run();
    expect((await readFile(join(folder, oldFile!))).equals(bytes)).toBe(true);
    expect(await rows('command_id, message')).toEqual([
      { command_id: id(1), message: null },
      { command_id: id(2), message: 'message 2' },
    ]);
    expect(await readState()).toMatchObject({
      schemas: [
        { ...older, after: null },
        { ...present, after: '100' },
      ],
    });
    const metadata = await readByDuckDb(
      `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${folder}/day=*/*.parquet')
       WHERE decode(key) IN ('schema_version', 'event_versions') ORDER BY file_name, key DESC`,
    );
    expect(metadata).toEqual([
      { key: 'schema_version', value: 'older' },
      { key: 'event_versions', value: JSON.stringify(older.eventVersions) },
      { key: 'schema_version', value: present.version },
      { key: 'event_versions', value: JSON.stringify(present.eventVersions) },
    ]);
  });

  it('stops before an event that this version cannot read, or leaves it out if it may', async () => {
    await appendDays(1, 2, 3);
    log.events[1] = { ...log.events[1]!, type: 'InvitationPraised' };
    await expect(run()).rejects.toThrow(/position 200: .*InvitationPraised.*--skip-unreadable/);
    await expect(run()).rejects.toThrow(/position 200/);
    expect(await readState()).toMatchObject({ position: '100', events: 1 });
    await run({ skipUnreadable: true });
    expect(await commandIds()).toEqual([id(1), id(3)]);
  });
});
