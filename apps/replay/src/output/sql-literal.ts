/** @returns the text as a literal of SQL */
export const toSqlLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;
