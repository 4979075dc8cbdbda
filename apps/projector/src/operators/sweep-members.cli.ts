import { TOPICS } from '#libs/contracts';
import { describeSweep, SHARED_PROFILE_TABLES, sweepMembers } from '#libs/profiles';
import { MEMBERS_GROUP } from '../members/member-profiles.consumer.js';
import { loadKafka, withPool } from './connections.js';

export interface SweepOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/**
 * `projections sweep-members`: reads the whole topic of profiles and removes members that it no longer holds from the
 * directory.
 */
export async function runSweepMembers(
  { force = false, dryRun = false }: SweepOptions,
  print: (line: string) => void,
): Promise<void> {
  const kafka = loadKafka(2);
  const settings = {
    tables: SHARED_PROFILE_TABLES,
    topic: TOPICS.profiles,
    groupPrefix: `${MEMBERS_GROUP}.sweep`,
    force,
    isDryRun: dryRun,
  };
  print(describeSweep(await withPool((pool) => sweepMembers(kafka, pool, settings))));
}
