/** Views of an e-mail: on a wide screen, in the dark, on a narrow phone, as in Outlook, and without styles. */
export interface View {
  readonly name: string;
  readonly width: number;
  readonly dark: boolean;
  /** What the mail program does to the HTML; undefined: nothing. */
  readonly strip?: (html: string) => string;
}

/** The view of a client that drops all styles. */
export function withoutStyles(html: string): string {
  return html.replaceAll(/<style>[^]*?<\/style>| style="[^"]*"| class="[^"]*"/g, '');
}

/**
 * The view of Outlook on Windows, as far as a browser can show it: no style sheet, boxes with space of their own only
 * where a cell is, no rounded corners, and what its conditional comments contain.
 */
export function likeOutlook(html: string): string {
  return html
    .replaceAll(/<style>[^]*?<\/style>/g, '')
    .replaceAll(/<!--\[if mso\]>([^]*?)<!\[endif\]-->/g, '$1')
    .replaceAll(/mso-padding-alt:([^;"]*)/g, 'padding:$1')
    .replaceAll(/(?:border-radius|max-width|overflow-wrap|word-break):[^;"]*;?/g, '')
    .replaceAll(
      /<(?!td)(\w+)([^>]* style="[^"]*)/g,
      (_, tag: string, rest: string) =>
        `<${tag}${rest.replaceAll(/(?<=[;"])(?:padding|display:inline-block)[^;"]*;?/g, '')}`,
    );
}

export const VIEWS: readonly View[] = [
  { name: 'light', width: 720, dark: false },
  { name: 'dark', width: 720, dark: true },
  { name: 'phone', width: 320, dark: false },
  { name: 'phone-dark', width: 320, dark: true },
  { name: 'outlook', width: 720, dark: false, strip: likeOutlook },
  { name: 'stripped', width: 320, dark: false, strip: withoutStyles },
];
