/** A line has at most so many characters (RFC 2045, 6.7), the `=` of a soft break among them. */
const LONGEST_LINE = 76;

const [TAB, LF, CR, SPACE, EQUALS] = [0x09, 0x0a, 0x0d, 0x20, 0x3d];
const HEX = Buffer.from('0123456789ABCDEF');

/** Octets that stand for themselves anywhere in a line: printable ASCII but `=`. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > SPACE && byte < 0x7f && byte !== EQUALS ? 1 : 0,
);

/**
 * A text as quoted-printable (RFC 2045), its line ends as CRLF. The loops are over bytes, in one buffer, for every
 * e-mail goes through here twice.
 */
export function quotedPrintable(text: string): Buffer {
  const bytes = Buffer.from(text);
  // At worst every octet takes three, and a soft break comes every 25 of them.
  const out = Buffer.allocUnsafe(Math.ceil(bytes.length * 3.2) + 16);
  let at = 0;
  let column = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    const next = bytes[index + 1];
    if (byte === LF || (byte === CR && next === LF)) {
      if (byte === CR) index += 1;
      out[at++] = CR;
      out[at++] = LF;
      column = 0;
      continue;
    }
    const endsLine = next === undefined || next === LF || (next === CR && bytes[index + 2] === LF);
    // Blanks at the end of a line get lost on the way.
    const plain = isPlain[byte] === 1 || ((byte === SPACE || byte === TAB) && !endsLine);
    const width = plain ? 1 : 3;
    if (column + width > LONGEST_LINE - (endsLine ? 0 : 1)) {
      out[at++] = EQUALS;
      out[at++] = CR;
      out[at++] = LF;
      column = 0;
    }
    if (plain) out[at++] = byte;
    else {
      out[at++] = EQUALS;
      out[at++] = HEX[byte >> 4]!;
      out[at++] = HEX[byte & 15]!;
    }
    column += width;
  }
  return out.subarray(0, at);
}
