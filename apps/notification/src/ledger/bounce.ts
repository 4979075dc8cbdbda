import type { Pool } from '#libs/platform';
import { removeBounce, saveBounce } from '../bounces/bounced-addresses.table.js';
import { findMembers } from '../members/members.table.js';

/** Suppresses an address by hand, for bounces that come back as mail: this service gets none. */
export async function bounce(pool: Pool, whom: string, print: (text: string) => void): Promise<void> {
  await saveBounce(pool, await addressOf(pool, whom));
  print('nothing is sent to this address from now on');
}

/** @throws when it was not suppressed */
export async function unbounce(pool: Pool, whom: string, print: (text: string) => void): Promise<void> {
  if (!(await removeBounce(pool, await addressOf(pool, whom))))
    throw new Error('this address is not suppressed');
  print('what comes from now on is sent to this address again');
}

/** @param whom an address, or the id of a member: then the one that they have now */
async function addressOf(pool: Pool, whom: string): Promise<string> {
  if (whom.includes('@')) return whom;
  const member = (await findMembers(pool, [whom])).get(whom);
  if (member === undefined) throw new Error(`the profile service has told of no member ${whom}`);
  return member.email;
}
