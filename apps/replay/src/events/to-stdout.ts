import { once } from 'node:events';
import type { Progress } from '../cli/progress.js';
import type { Log } from '../log/log.js';
import type { Selection } from '../log/selection.js';
import type { Encoder } from './encoder.js';

/** As fast as whoever reads them. */
export async function exportToStdout(
  log: Log,
  selection: Selection,
  { head, encode }: Encoder,
  shown: Progress,
): Promise<void> {
  const write = async (text: string) => {
    if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
  };
  await write(head);
  for await (const events of log.batches(selection, shown)) await write(encode(events));
}
