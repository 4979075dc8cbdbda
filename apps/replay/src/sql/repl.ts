import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Database } from './database.js';
import { formatResult, type ResultFormat } from './result-formats.js';
import { isCompleteSql } from './statement-end.js';

const PROMPT = 'sql> ';
const CONTINUED = '...> ';
const HELP = `A statement ends with a semicolon, and can have several lines.
Tables: events, invitations, period. DESCRIBE invitations; lists columns. Ctrl-C discards a statement. .exit or Ctrl-D ends.
`;

/**
 * Answers statements as they are entered. An error is printed and does not end it.
 * @param terminal whether to edit lines and show a prompt as on a terminal
 */
export async function runRepl(
  database: Database,
  { input, output, terminal }: { input: Readable; output: Writable; terminal: boolean },
  format: ResultFormat,
): Promise<void> {
  const lines = createInterface({ input, output, terminal, prompt: PROMPT });
  let statement = '';
  let hasEnded = false;
  lines.once('close', () => (hasEnded = true));
  const prompt = () => {
    // Lines that have arrived are still answered after the end of the input.
    if (hasEnded) return;
    lines.setPrompt(statement === '' ? PROMPT : CONTINUED);
    lines.prompt();
  };
  lines.on('SIGINT', () => {
    statement = '';
    output.write('\n');
    prompt();
  });
  output.write('.help explains; .exit ends.\n');
  prompt();
  for await (const line of lines) {
    const command = statement === '' ? line.trim() : '';
    if (command === '.exit' || command === '.quit') break;
    if (command === '.help') output.write(HELP);
    else if (statement !== '' || command !== '') statement += `${line}\n`;
    if (isCompleteSql(statement)) {
      await answer(database, statement, output, format);
      statement = '';
    }
    prompt();
  }
  lines.close();
}

async function answer(
  database: Database,
  sql: string,
  output: Writable,
  format: ResultFormat,
): Promise<void> {
  try {
    for await (const result of database.query(sql))
      for await (const part of formatResult(result, format)) output.write(part);
  } catch (error) {
    output.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
