import { toVisibleLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import { extractAddress } from './header.js';

const VIA: Readonly<Record<Language, string>> = { en: 'via', ar: 'عبر' };

/**
 * Formats a sender that names the member whom the e-mail is about: `Elena Kowalski via Network <address>`. The address stays
 * the service's. A name that could be taken for an address leaves the sender as it is, as does a network without a name.
 * @param from an address, or `Name <address>`
 */
export function formatMemberSender(
  from: string,
  memberName: string,
  networkName: string | undefined,
  language: Language,
): string {
  const name = toVisibleLine(memberName, '');
  const address = extractAddress(from);
  const network = networkName ?? from.slice(0, -`<${address}>`.length).trim().replaceAll('"', '');
  if (name === '' || network === '' || /[@<>]/.test(name)) return from;
  return `${name} ${VIA[language]} ${network} <${address}>`;
}
