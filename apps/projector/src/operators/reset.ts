import { SLICES } from '#libs/event-store';
import { beginAnew, eventLog, Refused } from '#libs/projection';
import { WORKERS } from '../workers.js';
import { findRebuildable } from './rebuildable.js';
import { withStore } from './tool.js';

/** What a projection of messages is to do about the events that are in the log. */
export interface ResetOptions {
  readonly atEnd?: boolean;
  readonly fromBeginning?: boolean;
}

const MESSAGES: readonly string[] = ['publisher', 'record-connections'] satisfies (typeof WORKERS)[number][];

const LOOK_MS = 30_000;

/** @throws Refused where the options do not fit what the projection makes */
export async function resetProjection(
  name: string,
  { atEnd = false, fromBeginning = false }: ResetOptions,
  say: (line: string) => void,
): Promise<void> {
  if (!MESSAGES.includes(name)) {
    const { table } = findRebuildable(name).projection;
    if (atEnd) throw new Refused(`the rows of ${name} come from the whole log: it begins at its beginning`);
    await withStore((pool) => beginAnew(pool, { name, table }, undefined));
    return say(`${name} is empty; its workers read the log from the beginning`);
  }
  if (atEnd === fromBeginning) {
    throw new Refused(
      `${name} sends messages: say --at-end, for no event that is in the log now, or --from-beginning, for all once more`,
    );
  }
  await withStore(async (pool, client) => {
    const slices = Array.from({ length: SLICES }, (_, slice) => slice);
    const end = atEnd
      ? await eventLog(client).end(slices, undefined, AbortSignal.timeout(LOOK_MS))
      : undefined;
    await beginAnew(pool, { name, table: undefined }, end?.head);
  });
  say(
    atEnd
      ? `the workers of ${name} go on with what happens from now on`
      : `the workers of ${name} send everything that is in the log once more`,
  );
}
