import { Client } from 'pg';

/** Settings that an operator may have reasons for, and that change what unguarded SQL reads, writes or waits for. */
export const HOSTILE_SETTINGS: Readonly<Record<string, string>> = {
  DateStyle: `'German, DMY'`,
  IntervalStyle: `'sql_standard'`,
  TimeZone: `'Asia/Kolkata'`,
  search_path: 'nowhere',
  default_transaction_isolation: `'serializable'`,
  default_transaction_deferrable: 'on',
  array_nulls: 'off',
  transform_null_equals: 'on',
  standard_conforming_strings: 'off',
  bytea_output: `'escape'`,
  extra_float_digits: '-15',
  lock_timeout: '1',
  statement_timeout: '300',
  client_encoding: `'LATIN1'`,
  synchronous_commit: 'off',
};

/** Sets these settings of a database for every connection from now on. */
export async function setForDatabase(
  url: string,
  settings: Readonly<Record<string, string>> = HOSTILE_SETTINGS,
): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
    const database = rows[0]!.name;
    // Settings of the database may already affect this connection, too.
    await client.query(
      'SET statement_timeout = 0; SET lock_timeout = 0; SET default_transaction_read_only = off',
    );
    for (const [name, value] of Object.entries(settings)) {
      await client.query(`ALTER DATABASE ${database} SET ${name} = ${value}`);
    }
  } finally {
    await client.end();
  }
}
