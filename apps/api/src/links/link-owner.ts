import { readableAddress } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findMemberContact } from '#libs/profiles';
import type { Texts } from '../pages/texts/texts.js';

/**
 * Returns a function that says for whom a link is, in the language of the page. Links are forwarded, so it shows only
 * so much of the address that its owner recognises it.
 */
export async function describeLinkOwner(
  db: Queryable,
  memberId: string,
): Promise<(texts: Texts) => string | undefined> {
  const contact = await findMemberContact(db, memberId);
  return (texts) => contact && texts.linkOf(contact.name, maskAddress(contact.email));
}

/** Shortens the part before the @ to its first two characters; undefined for an empty address. */
function maskAddress(email: string): string | undefined {
  const [, start, domain] = /^(..?)[^@]*(@.+)$/u.exec(readableAddress(email)) ?? [];
  return start === undefined ? undefined : `${start}…${domain}`;
}
