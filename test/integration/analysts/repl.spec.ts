import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../apps/replay/src/sql/database.js';
import { runRepl } from '../../../apps/replay/src/sql/repl.js';
import { databaseOf } from './database.js';

describe('replay sql on a terminal', () => {
  let database: Database;
  beforeAll(async () => void (database = await databaseOf([])));
  afterAll(() => database.close());

  /** Enters lines, and returns what is shown. */
  async function enter(...lines: string[]): Promise<string> {
    const input = new PassThrough();
    const output = new PassThrough();
    const shown = text(output);
    input.end(lines.map((line) => `${line}\n`).join(''));
    await runRepl(database, { input, output, terminal: false }, 'csv');
    output.end();
    return shown;
  }

  it('answers each statement, which can have several lines', async () => {
    const shown = await enter('SELECT 1 AS a;', 'SELECT', "  ';' AS b", ';');
    expect(shown).toMatch(/^.*\nsql> a\n1\nb\n;\n$/);
  });

  it('goes on after an error, and keeps what was created before', async () => {
    const shown = await enter(
      'CREATE TABLE kept AS SELECT 7 AS n;',
      'SELECT nothing FROM nowhere;',
      'FROM kept;',
    );
    expect(shown).toMatch(/nowhere[^]*\nn\n7\n$/);
  });

  it('ends at .exit, and explains itself with .help', async () => {
    const shown = await enter('.help', '.exit', 'SELECT 1 AS never;');
    expect(shown).toContain('A statement ends with a semicolon');
    expect(shown).not.toContain('never');
  });
});
