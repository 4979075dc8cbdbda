import { hasClosedAccount } from '#libs/account-state';
import { readableAddress } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findMemberContact } from '#libs/profiles';
import type { Texts } from '../pages/texts/texts.js';

/**
 * Returns a function that says for whom a link is, in the language of the page. Links are forwarded, so it shows only
 * so much of the address that its owner recognises it. Of a member who has left it shows nothing (D23).
 */
export async function describeLinkOwner(
  db: Queryable,
  memberId: string,
): Promise<(texts: Texts) => string | undefined> {
  const [known, hasLeft] = await Promise.all([
    findMemberContact(db, memberId),
    hasClosedAccount(db, memberId),
  ]);
  const contact = hasLeft ? undefined : known;
  return (texts) => contact && texts.linkOf(contact.name, maskAddress(contact.email));
}

/** Keeps a line from ending after the dots: U+2060, a word joiner. */
const NO_BREAK = '\u2060';

/** Shortens the part before the @ to its first two characters; undefined for an empty address. */
function maskAddress(email: string): string | undefined {
  const [, start, domain] = /^(..?)[^@]*(@.+)$/u.exec(readableAddress(email)) ?? [];
  return start === undefined ? undefined : `${start}…${NO_BREAK}${domain}`;
}
