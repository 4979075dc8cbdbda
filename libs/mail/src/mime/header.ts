/** Of an encoded word, so that the line is within 76 characters beside a short name (RFC 2047, 2). */
const WORD_BYTES = 42;

/** Lines are folded before this column where they can be (RFC 5322, 2.1.1). */
const FOLD_AT = 76;

/** What a header's value may hold as it is. */
const PLAIN = /^[\u0020-\u007e]*$/;

/** `Name: value`, one logical line, whatever the value holds: no text of a member makes a header of its own. */
export function header(name: string, value: string): string {
  const line = `${name}: ${PLAIN.test(value) && !value.includes('=?') ? value : encodedWords(value)}`;
  return line.length <= FOLD_AT ? line : folded(line);
}

/**
 * As it is: folding would break it for those who read it word for word. An address in another script than ours is not
 * encoded either (RFC 6532); a mail to one is sent with SMTPUTF8.
 */
export const unfolded = (name: string, value: string): string =>
  `${name}: ${value.replaceAll(/\p{Cc}/gu, '')}`;

/** Text in any language, in words of whole characters, base64 (RFC 2047). */
export function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  let bytes = 0;
  // oxlint-disable-next-line no-control-regex -- a line end in a header would begin another
  for (const character of text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')) {
    const size = Buffer.byteLength(character);
    if (bytes + size > WORD_BYTES) {
      words.push(word);
      word = '';
      bytes = 0;
    }
    word += character;
    bytes += size;
  }
  words.push(word);
  return words.map((one) => `=?UTF-8?B?${Buffer.from(one).toString('base64')}?=`).join(' ');
}

/** Broken before blanks, each line as long as may be. A word that is too long by itself stays whole. */
function folded(line: string): string {
  const lines: string[] = [];
  let current = '';
  for (const part of line.split(/(?= )/)) {
    if (
      current !== '' &&
      current.length + part.length > FOLD_AT &&
      current.trim() !== '' &&
      !current.endsWith(':')
    ) {
      lines.push(current);
      current = part;
    } else current += part;
  }
  return [...lines, current].join('\r\n');
}
