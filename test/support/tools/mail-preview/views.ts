/** Views of an e-mail: on a wide screen, in the dark, on a narrow phone, and without styles. */
export interface View {
  readonly name: string;
  readonly width: number;
  readonly dark: boolean;
  readonly styled: boolean;
}

export const VIEWS: readonly View[] = [
  { name: 'light', width: 720, dark: false, styled: true },
  { name: 'dark', width: 720, dark: true, styled: true },
  { name: 'phone', width: 320, dark: false, styled: true },
  { name: 'phone-dark', width: 320, dark: true, styled: true },
  { name: 'stripped', width: 320, dark: false, styled: false },
];

/** The view of a client that drops all styles. */
export const withoutStyles = (html: string): string =>
  html.replaceAll(/<style>[^]*?<\/style>| style="[^"]*"| class="[^"]*"/g, '');
