import { mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '#libs/cli';
import { syncDirectory } from '../output/atomic-file.js';

/** What the rows of a file look like. It changes with a version of an event and with the columns. */
export interface ExportSchema {
  /** Derived from the rest: equal versions mean equal columns and equal versions of every event. */
  readonly version: string;
  /** The version to which the events of each type were converted, or none if they are as stored. */
  readonly eventVersions: Readonly<Record<string, number>>;
}

/** How far the directory of a continuous export is. Positions are text, because they are 64-bit integers. */
export interface ExportPosition {
  /** Every selected event up to this position is in the files of the directory, once. Null before the first event. */
  readonly position: string | null;
  /** A hash of the id of the event at the position. It shows whether the log is still the one that was exported. */
  readonly anchor: string | null;
  readonly events: number;
  readonly files: number;
}

/** The content of the position file. */
export interface ExportState extends ExportPosition {
  /** The options of the export, which the next run must repeat. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The schemas of the files, in order: each is that of the files with events after its position. */
  readonly schemas: readonly (ExportSchema & { readonly after: string | null })[];
  /**
   * A commit whose files are complete but perhaps not yet all in their places. Written before the first of them is moved, so
   * that a restart moves the others instead of exporting their events again.
   */
  readonly pending?: { readonly to: ExportPosition; readonly files: readonly string[] } | undefined;
}

export const POSITION_FILE = '_export.json';
/** Holds files until they are complete and committed. */
export const STAGING = '_staging';
export const LOCK_FILE = '_lock';

/** Creates the directory of an export. @throws CliError if something else is there */
export async function openExportDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) throw new CliError(`${directory} is not a directory`);
  await mkdir(join(directory, STAGING), { recursive: true }).catch((error: Error) => {
    throw new CliError(`${directory} cannot be written: ${error.message}`);
  });
  const names = await readdir(directory);
  const own = [POSITION_FILE, `${POSITION_FILE}.tmp`, STAGING, LOCK_FILE];
  const foreign = names.find((name) => !own.includes(name) && !name.startsWith(`${LOCK_FILE}.`));
  if (foreign !== undefined && !names.includes(POSITION_FILE)) {
    throw new CliError(
      `${directory} contains ${foreign} and is not the directory of an export: give a new directory`,
    );
  }
}

/** @returns the state, or undefined if the directory is new */
export async function readExportState(directory: string): Promise<ExportState | undefined> {
  const file = join(directory, POSITION_FILE);
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ExportState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** Replaces the position file. When it resolves, the state survives a power failure. */
export async function writeExportState(directory: string, state: ExportState): Promise<void> {
  const file = join(directory, POSITION_FILE);
  const handle = await open(`${file}.tmp`, 'w');
  try {
    await handle.writeFile(`${JSON.stringify(state, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
  await syncDirectory(directory);
}
