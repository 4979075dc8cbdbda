import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Migrations } from '#libs/platform';

/** Copies the migrations up to a number into one folder, which is where they were before libraries owned their own. */
export async function copyMigrations(
  { directories }: Migrations,
  folder: string,
  lastNumber = Infinity,
): Promise<void> {
  for (const directory of directories.map((url) => fileURLToPath(url)))
    for (const name of await readdir(directory))
      if (Number(name.slice(0, 3)) <= lastNumber) await copyFile(join(directory, name), join(folder, name));
}
