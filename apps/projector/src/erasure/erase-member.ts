import { eraseKey } from '#libs/author-keys';
import { eraseRows, findAddresses, MEMBER_TABLES, waitForWriters } from '#libs/member-data';
import type { Pool } from '#libs/platform';

/** What an erasure changes outside the database. */
export interface ErasureServers {
  readonly pool: Pool;
  /** Closes the member's account. @returns false if it was closed already */
  closeAccount(memberId: string): Promise<boolean>;
  /** Publishes a tombstone for the member's profile. @returns false if the topic has none that could be removed */
  removeProfile(memberId: string): Promise<boolean>;
}

/** One step. It can be repeated after a crash at any point of it. */
export interface ErasureStep {
  readonly name: string;
  /** @returns what was changed; undefined if there was nothing left to do */
  readonly run: () => Promise<string | undefined>;
}

/**
 * The steps of an erasure. The record of the erasure comes before the rows: every writer of a member's rows looks for it
 * from then on, so no event in flight and no rebuild brings a row back. The profile, which tells the address, comes last.
 * @param addresses of the member that the tables may not have any more
 */
export async function planErasure(
  servers: ErasureServers,
  memberId: string,
  addresses: readonly string[] = [],
): Promise<readonly ErasureStep[]> {
  const { pool } = servers;
  const member = {
    id: memberId,
    addresses: [...new Set([...(await findAddresses(pool, memberId)), ...addresses])],
  };
  return [
    {
      name: 'close the account',
      run: async () => ((await servers.closeAccount(memberId)) ? 'closed' : undefined),
    },
    {
      name: "delete the key of the member's texts",
      run: async () => {
        const isNew = !(await isRecorded(pool, memberId));
        const hadKey = await eraseKey(pool, memberId);
        if (hadKey) return 'deleted';
        return isNew ? 'there was no key; none will be created' : undefined;
      },
    },
    {
      name: 'wait for transactions that began before',
      run: async () => {
        await waitForWriters(pool);
        return undefined;
      },
    },
    ...MEMBER_TABLES.filter(({ owned, texts }) => owned !== undefined || texts !== undefined).map(
      (table) => ({
        name: table.name,
        run: async () => {
          const { deleted, cleared } = await eraseRows(pool, table, member);
          const parts = [
            deleted === 0 ? [] : `${deleted} deleted`,
            cleared === 0 ? [] : `${cleared} without text now`,
          ];
          return parts.flat().join(', ') || undefined;
        },
      }),
    ),
    {
      name: 'remove the profile from its topic',
      run: async () => ((await servers.removeProfile(memberId)) ? 'tombstone published' : undefined),
    },
  ];
}

async function isRecorded(pool: Pool, memberId: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'SELECT FROM read_models.author_keys WHERE author_id = $1 AND erased_at IS NOT NULL',
    [memberId],
  );
  return rowCount === 1;
}

/**
 * Runs all steps in their order, and prints each with what it has changed.
 * @returns whether anything was changed
 */
export async function runErasure(
  steps: readonly ErasureStep[],
  print: (line: string) => void,
): Promise<boolean> {
  let isAnyChanged = false;
  for (const { name, run } of steps) {
    const change = await run();
    isAnyChanged ||= change !== undefined;
    print(`${name}: ${change ?? 'nothing left to do'}`);
  }
  return isAnyChanged;
}
