/** The longest line (RFC 2045, 6.7), including the `=` of a soft line break. */
const MAX_LINE = 76;

const [TAB, LF, CR, SPACE, EQUALS] = [0x09, 0x0a, 0x0d, 0x20, 0x3d];
const HEX = Buffer.from('0123456789ABCDEF');

/** Bytes that are written as they are anywhere in a line: printable ASCII except `=`. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > SPACE && byte < 0x7f && byte !== EQUALS ? 1 : 0,
);

/**
 * Encodes text as quoted-printable (RFC 2045) with CRLF line ends. It works on bytes in one buffer, because every e-mail
 * passes through it twice.
 */
export function encodeQuotedPrintable(text: string): Buffer {
  const bytes = Buffer.from(text);
  // In the worst case each byte takes three, with a soft line break after every 25.
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
    // Mail servers may remove spaces at the end of a line, so these are encoded.
    const plain = isPlain[byte] === 1 || ((byte === SPACE || byte === TAB) && !endsLine);
    const width = plain ? 1 : 3;
    if (column + width > MAX_LINE - (endsLine ? 0 : 1)) {
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
