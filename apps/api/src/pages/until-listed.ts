import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '#libs/platform';
import { findListing, type InvitationListing } from '#libs/read-models';

const WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 25;

/**
 * The lists follow the commands by some milliseconds. Who has just acted waits for them, a little: an inbox that still
 * shows what was accepted would make one press again.
 */
export async function untilListed(
  db: Queryable,
  invitationId: string,
  listed: (listing: InvitationListing) => boolean,
): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  while (!listed(await findListing(db, invitationId)) && Date.now() < deadline) await sleep(LOOK_EVERY_MS);
}

/** It waits for no answer any longer, in the inbox or in the archive. */
export const answered = ({ inInbox, ignored }: InvitationListing): boolean =>
  !inInbox && ignored === undefined;
