import { Topics } from '#libs/contracts';
import { TopicsConfig } from '#libs/kafka';
import { loadConfig } from '#libs/platform';
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
  const { TOPIC_PREFIX, GROUP_PREFIX } = loadConfig(TopicsConfig);
  const kafka = loadKafka(2);
  const settings = {
    tables: SHARED_PROFILE_TABLES,
    topic: new Topics(TOPIC_PREFIX).profiles,
    groupPrefix: `${GROUP_PREFIX}${MEMBERS_GROUP}.sweep`,
    force,
    isDryRun: dryRun,
  };
  print(describeSweep(await withPool((pool) => sweepMembers(kafka, pool, settings))));
}
