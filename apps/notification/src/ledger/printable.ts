/** What publishers wrote may hold what moves a terminal's cursor or hides text. Newlines stay where they may. */
export function printable(text: string, newlines = false): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) =>
    newlines && character === '\n'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** As text where it is UTF-8, else as hexadecimal digits. */
export function readable(bytes: Uint8Array): { readonly text: string } | { readonly hex: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { hex: Buffer.from(bytes).toString('hex') };
  }
}
