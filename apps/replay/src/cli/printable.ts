/** Members write texts: what would move a terminal's cursor is shown as JSON shows it. */
export const printable = (text: string): string => (/[\s\p{C}]/u.test(text) ? JSON.stringify(text) : text);
