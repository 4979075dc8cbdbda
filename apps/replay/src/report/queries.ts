import type { Database } from '../sql/database.js';

/** The report's queries, each with the type of its rows. The page and `--json` show the same figures. */
export const QUERIES = {
  whole: {
    sql: `SELECT (SELECT count(*) FROM events) AS events, count(*) AS invitations,
            count(DISTINCT inviter_id) AS inviters, count(DISTINCT recipient_id) AS recipients,
            (SELECT min(happened_at) FROM events) AS begins, (SELECT max(happened_at) FROM events) AS ends
          FROM invitations`,
    row: {} as {
      events: number;
      invitations: number;
      inviters: number;
      recipients: number;
      begins: string | null;
      ends: string | null;
    },
  },
  funnel: {
    sql: `SELECT unnest([
            {step: 'sent', count: count(*)},
            {step: 'answered', count: count(answered_at)},
            {step: 'accepted', count: count(accepted_at)},
            {step: 'replied to', count: count(replied_at)},
            {step: 'ignored', count: count(ignored_at)},
            {step: 'declined', count: count(declined_at)},
            {step: 'withdrawn', count: count(withdrawn_at)},
            {step: 'followed up', count: count(followed_up_by)},
            {step: 'still untouched', count: count(*) FILTER (status = 'untouched')}], recursive := true)
          FROM invitations`,
    row: {} as { step: string; count: number },
  },
  timesToAnswer: {
    sql: `SELECT first_answer AS answer, count(*) AS count,
            round(quantile_cont(hours_to_answer, 0.1), 1) AS p10,
            round(quantile_cont(hours_to_answer, 0.25), 1) AS p25,
            round(quantile_cont(hours_to_answer, 0.5), 1) AS p50,
            round(quantile_cont(hours_to_answer, 0.75), 1) AS p75,
            round(quantile_cont(hours_to_answer, 0.9), 1) AS p90,
            round(quantile_cont(hours_to_answer, 0.99), 1) AS p99
          FROM invitations WHERE answered_at IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1`,
    row: {} as {
      answer: string;
      count: number;
      p10: number;
      p25: number;
      p50: number;
      p75: number;
      p90: number;
      p99: number;
    },
  },
  answeredWithin: {
    sql: `SELECT day, round(100.0 * count(*) FILTER (hours_to_answer <= 24 * day) / nullif(count(*), 0), 1) AS percent
          FROM invitations, range(0, 31) AS days(day)
          WHERE sent_at <= (SELECT max(happened_at) - INTERVAL 30 DAY FROM events) GROUP BY day ORDER BY day`,
    row: {} as { day: number; percent: number | null },
  },
  reminders: {
    sql: `SELECT n AS reminders, count(*) FILTER (reminders >= n) AS invitations,
            count(*) FILTER (reminders = n AND answered_at IS NOT NULL) AS answered,
            round(100.0 * count(*) FILTER (reminders = n AND answered_at IS NOT NULL)
              / nullif(count(*) FILTER (reminders >= n), 0), 1) AS percent,
            round(100.0 * count(*) FILTER (reminders = n AND accepted_via = 'email')
              / nullif(count(*) FILTER (reminders = n AND accepted_via IS NOT NULL), 0), 1) AS percent_by_email
          FROM invitations, range(0, (SELECT coalesce(max(reminders), 0) + 1 FROM invitations)) AS counts(n)
          GROUP BY n ORDER BY n`,
    row: {} as {
      reminders: number;
      invitations: number;
      answered: number;
      percent: number | null;
      percent_by_email: number | null;
    },
  },
  restrictions: {
    sql: `WITH pairs AS (
            SELECT account_id, type, happened_at AS at_time, lead(type) OVER w AS next_type, lead(happened_at) OVER w AS next_at
            FROM events WHERE type IN ('AccountRestricted', 'AccountRestrictionLifted')
            WINDOW w AS (PARTITION BY account_id ORDER BY position))
          SELECT (SELECT count(*) FROM events WHERE type = 'InvitationDeclined') AS declines,
            count(*) AS restrictions, count(DISTINCT account_id) AS accounts,
            count(*) FILTER (next_type IS NOT NULL) AS lifted,
            round(median(epoch_ms(next_at) - epoch_ms(at_time)) / 86400000, 1) AS median_days_until_lifted
          FROM pairs WHERE type = 'AccountRestricted'`,
    row: {} as {
      declines: number;
      restrictions: number;
      accounts: number;
      lifted: number;
      median_days_until_lifted: number | null;
    },
  },
  declinesAnAccount: {
    sql: `SELECT declines, count(*) AS accounts FROM (
            SELECT least(count(*), 10) AS declines FROM events WHERE type = 'InvitationDeclined' GROUP BY account_id)
          GROUP BY 1 ORDER BY 1`,
    row: {} as { declines: number; accounts: number },
  },
} as const;

/** The rows of all queries, by the names of the queries. */
export type Figures = { readonly [Name in keyof typeof QUERIES]: readonly (typeof QUERIES)[Name]['row'][] };

export async function queryFigures(database: Database): Promise<Figures> {
  const figures: Record<string, object[]> = {};
  for (const [name, { sql }] of Object.entries(QUERIES)) {
    const rows: object[] = [];
    for await (const result of database.query(sql)) {
      for await (const row of result.rows())
        rows.push(Object.fromEntries(row.map((value, column) => [result.columns[column], value])));
    }
    figures[name] = rows;
  }
  return figures as unknown as Figures;
}
