import type { Pool } from '#libs/platform';
import { listParked } from '#libs/projection';

export async function showParked(
  pool: Pool,
  projection: string | undefined,
  isJson: boolean,
  say: (line: string) => void,
): Promise<void> {
  const parked = await listParked(pool, projection);
  if (isJson) return say(JSON.stringify(parked));
  if (parked.length === 0) return say('nothing is parked');
  for (const { projection, generation, accountId, error, parkedAt, attempts, waiting, first } of parked) {
    say(`${projection} (generation ${generation}): ${accountId}, since ${parkedAt}, attempts: ${attempts}`);
    say(`  ${first.type} ${first.id}, revision ${first.revision}: ${error}`);
    say(`  events that wait: ${waiting}`);
  }
}
