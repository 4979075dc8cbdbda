/** Quoted texts and comments, also if they have no end. A semicolon in them ends nothing. */
const OPAQUE =
  /'(?:[^']|'')*('|$)|"(?:[^"]|"")*("|$)|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*(\*\/|$)|\$\$(?:[^$]|\$(?!\$))*(\$\$|$)/g;

/** @returns whether the text ends with a semicolon outside of quotes and comments */
export function isCompleteSql(text: string): boolean {
  const plain = text.replaceAll(OPAQUE, (quoted, ...ends: unknown[]) => {
    const isComment = quoted.startsWith('--') || quoted.startsWith('/*');
    const isOpen =
      !quoted.startsWith('--') && ends.slice(0, 4).every((end) => end === undefined || end === '');
    return isOpen ? '?' : isComment ? ' ' : 'x';
  });
  return plain.trimEnd().endsWith(';');
}
