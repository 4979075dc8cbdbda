/** Returns the URL if its scheme is http or https. Other schemes (`javascript:`, `data:`) could run code. */
export function toWebUrl(url: string): string | undefined {
  return URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol) ? url : undefined;
}
