import { once } from 'node:events';

/** To standard output, no faster than its reader takes it. */
export async function write(piece: string): Promise<void> {
  if (piece !== '' && !process.stdout.write(piece)) await once(process.stdout, 'drain');
}
