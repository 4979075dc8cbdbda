import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32c } from '#libs/kafka/wire';
import { replaceFile } from './json-file.js';

export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  /** -1 when the offset was deleted. */
  readonly offset: number;
  /** A text that the client stores with the offset. */
  readonly metadata: string;
}

type Row = readonly [group: string, topic: string, partition: number, offset: number, metadata: string];

/** The file is rewritten when it holds more obsolete rows than this. */
const MAX_OBSOLETE_ROWS = 100_000;

/**
 * The committed offsets of groups, in an append-only file of rows with checksums that is rewritten at every start. Unlike on a real
 * broker (offsets.retention.minutes), they never expire.
 */
export class CommittedOffsets {
  private readonly groups = new Map<string, Map<string, CommittedOffset>>();
  private file: number | undefined;
  private obsoleteRows = 0;

  /** @param topicExists offsets of a topic that does not exist are dropped */
  constructor(
    private readonly path: string,
    topicExists: (topic: string) => boolean,
  ) {
    for (const row of readRows(path)) if (topicExists(row[1])) this.apply(row);
    this.rewrite();
  }

  groupIds(): string[] {
    return [...this.groups.keys()];
  }

  ofGroup(group: string): CommittedOffset[] {
    return [...(this.groups.get(group)?.values() ?? [])];
  }

  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.groups.get(group)?.get(keyOf(topic, partition));
  }

  commit(group: string, offsets: readonly CommittedOffset[]): void {
    this.write(
      offsets.map(({ topic, partition, offset, metadata }) => [group, topic, partition, offset, metadata]),
    );
  }

  deleteGroup(group: string): void {
    this.write(this.ofGroup(group).map(({ topic, partition }) => [group, topic, partition, -1, '']));
  }

  deleteTopic(topic: string): void {
    for (const group of this.groupIds()) {
      const deleted = this.ofGroup(group).filter((committed) => committed.topic === topic);
      this.commit(
        group,
        deleted.map((committed) => ({ ...committed, offset: -1 })),
      );
    }
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private write(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const text = Buffer.from(rows.map(toLine).join(''));
    try {
      for (let done = 0; done < text.length;) done += writeSync(this.file!, text, done);
    } catch (error) {
      // Half a row would hide all later rows at the next start.
      this.rewrite();
      throw error;
    }
    for (const row of rows) this.apply(row);
    this.obsoleteRows += rows.length;
    if (this.obsoleteRows > MAX_OBSOLETE_ROWS) this.rewrite();
  }

  private apply([group, topic, partition, offset, metadata]: Row): void {
    const committed = this.groups.get(group) ?? new Map<string, CommittedOffset>();
    if (offset < 0) committed.delete(keyOf(topic, partition));
    else committed.set(keyOf(topic, partition), { topic, partition, offset, metadata });
    if (committed.size > 0) this.groups.set(group, committed);
    else this.groups.delete(group);
  }

  private rewrite(): void {
    this.close();
    const rows = [...this.groups].flatMap(([group, committed]) =>
      [...committed.values()].map(({ topic, partition, offset, metadata }): Row => [
        group,
        topic,
        partition,
        offset,
        metadata,
      ]),
    );
    replaceFile(this.path, rows.map(toLine).join(''));
    this.file = openSync(this.path, 'a');
    this.obsoleteRows = 0;
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function toLine(row: Row): string {
  const json = JSON.stringify(row);
  return `${checksum(json)} ${json}\n`;
}

function checksum(text: string): string {
  return crc32c(Buffer.from(text)).toString(16).padStart(8, '0');
}

/** All rows before the first one that is torn or corrupt. */
function readRows(path: string): Row[] {
  const rows: Row[] = [];
  for (const line of readIfExists(path).split('\n')) {
    const json = line.slice(9);
    if (line.slice(0, 8) !== checksum(json)) break;
    rows.push(JSON.parse(json) as Row);
  }
  return rows;
}

function readIfExists(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
