import { domainToASCII } from 'node:url';

/**
 * One address and no more, its domain as the DNS knows it; undefined for what would be another, or several, or more than
 * an address in an SMTP command.
 */
export function envelopeAddress(address: string): string | undefined {
  const [, local, domain] =
    /^([^\s<>"(),:;@\\[\]]{1,256})@([^\s<>"(),:;@\\[\]]{1,255})$/u.exec(address) ?? [];
  if (local === undefined || domain === undefined) return undefined;
  // oxlint-disable-next-line no-control-regex -- they are what must not get into a command
  if (/[\u0000-\u001f\u007f-\u009f]/.test(local)) return undefined;
  const ascii = /^[\u0021-\u007e]+$/.test(domain) ? domain : domainToASCII(domain);
  return ascii === '' ? undefined : `${local}@${ascii}`;
}

/** The address in `Name <address>`. */
export const addressIn = (from: string): string => /<([^<>]*)>$/.exec(from)?.[1] ?? from;
