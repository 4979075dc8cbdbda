/** An https URL that needs no parsing to be valid: no port, and a host that is neither an address nor encoded. */
const PLAIN_URL = /^https:\/\/(?:[a-z]+\.)+[a-z]+\/[A-Za-z0-9_./-]*$/;

/**
 * Returns the URL if its scheme is http or https. Other schemes (`javascript:`, `data:`) could run code. A page of a list has
 * thirty, and parsing them took longer than reading their rows.
 */
export function toWebUrl(url: string): string | undefined {
  if (PLAIN_URL.test(url)) return url;
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol) ? url : undefined;
}
