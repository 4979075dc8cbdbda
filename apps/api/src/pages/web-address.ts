/** The address if a browser can be sent there: http or https. Others (`javascript:`, `data:`) may do anything. */
export function webAddress(url: string): string | undefined {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol) ? url : undefined;
}
