import { open, rename, rm } from 'node:fs/promises';

/** Writes a file so that it is either complete or absent: `write` gets the path of a file that is then renamed. */
export async function writeAtomically(file: string, write: (path: string) => Promise<void>): Promise<void> {
  const part = partOf(file);
  try {
    await write(part);
    await syncFile(part);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** The path of the incomplete file. */
export const partOf = (file: string): string => `${file}.${process.pid}.part`;

/** Resolves when the content of a file is on the disk. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Resolves when the names of a directory's files are on the disk: without it, a renamed file could have its old name after a power failure. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
