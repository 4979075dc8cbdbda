import { readdirSync, readFileSync } from 'node:fs';
import { upcast, type InvitationEvent, type StoredData } from '#libs/invitation';

/** A line of a recorded history: an event as it was stored, never changed since. */
export interface Recorded {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: StoredData;
  readonly metadata: { readonly commandId: string; readonly schemaVersion: number };
}

const DIRECTORY = new URL('histories/', import.meta.url);

export const recordedHistories: readonly string[] = readdirSync(DIRECTORY)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.replace('.jsonl', ''));

export function readRecordedHistory(name: string): Recorded[] {
  const lines = readFileSync(new URL(`${name}.jsonl`, DIRECTORY), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Recorded);
}

/** Returns the history in the current versions of its events. */
export function replayed(name: string): InvitationEvent[] {
  return readRecordedHistory(name).map(({ type, schemaVersion, data, metadata }) => {
    const today = upcast(type, schemaVersion, data);
    if (today === undefined) throw new Error(`${type} of version ${schemaVersion} is not known any more`);
    return { ...today, type, commandId: metadata.commandId } as unknown as InvitationEvent;
  });
}
