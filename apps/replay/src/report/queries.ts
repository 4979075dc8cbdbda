import type { Database } from '../sql/database.js';

/** The report's queries, each with the type of its rows. The page and `--json` show the same figures. */
export const QUERIES = {
  whole: {
    sql: `SELECT (SELECT count(*) FROM events) AS events, count(*) AS invitations,
            count(DISTINCT inviter_id) AS inviters, count(DISTINCT recipient_id) AS recipients,
            (SELECT begins FROM period) AS begins, (SELECT ends FROM period) AS ends,
            (SELECT stray_events FROM period) AS stray_events, (SELECT last_stray_at FROM period) AS last_stray_at
          FROM invitations`,
    row: {} as {
      events: number;
      invitations: number;
      inviters: number;
      recipients: number;
      begins: string | null;
      ends: string | null;
      /** Events long after all others, which do not end the period. */
      stray_events: number;
      last_stray_at: string | null;
    },
  },
  weeks: {
    sql: `WITH weeks AS (
            SELECT unnest(generate_series(date_trunc('week', begins), ends, INTERVAL 7 DAY)) AS week FROM period
          ), happened AS (
            SELECT date_trunc('week', moment) AS week, count(*) FILTER (what = 'sent') AS sent,
              count(*) FILTER (what = 'answered') AS answered, count(*) FILTER (what = 'accepted') AS accepted
            FROM (
              SELECT sent_at AS moment, 'sent' AS what FROM invitations
              UNION ALL SELECT answered_at, 'answered' FROM invitations
              UNION ALL SELECT accepted_at, 'accepted' FROM invitations)
            GROUP BY 1
          )
          SELECT strftime(week, '%Y-%m-%d') AS week, coalesce(sent, 0) AS sent, coalesce(answered, 0) AS answered,
            coalesce(accepted, 0) AS accepted
          FROM weeks LEFT JOIN happened USING (week) ORDER BY week`,
    row: {} as { week: string; sent: number; answered: number; accepted: number },
  },
  network: {
    sql: `WITH weeks AS (
            SELECT unnest(generate_series(date_trunc('week', begins), ends, INTERVAL 7 DAY)) AS week FROM period
          ), ends_of_connections AS (
            SELECT accepted_at, unnest([inviter_id, recipient_id]) AS member FROM invitations WHERE accepted_at IS NOT NULL
          ), growth AS (
            SELECT date_trunc('week', accepted_at) AS week, 1 AS connections, 0 AS members
            FROM invitations WHERE accepted_at IS NOT NULL
            UNION ALL
            SELECT date_trunc('week', min(accepted_at)), 0, 1 FROM ends_of_connections GROUP BY member
          )
          SELECT strftime(week, '%Y-%m-%d') AS week, sum(coalesce(sum(connections), 0)) OVER (ORDER BY week)::BIGINT AS connections,
            sum(coalesce(sum(members), 0)) OVER (ORDER BY week)::BIGINT AS members
          FROM weeks LEFT JOIN growth USING (week) GROUP BY week ORDER BY week`,
    row: {} as { week: string; connections: number; members: number },
  },
  cohorts: {
    sql: `WITH cohorts AS (
            SELECT strftime(sent_at, '%Y-%m') AS month, *, sent_at <= ends - INTERVAL 7 DAY AS is_old_enough_7,
              sent_at <= ends - INTERVAL 30 DAY AS is_old_enough_30
            FROM invitations CROSS JOIN period WHERE sent_at <= ends)
          SELECT month, count(*) AS invitations,
            CASE WHEN bool_and(is_old_enough_7)
              THEN round(100.0 * count(*) FILTER (hours_to_answer <= 7 * 24) / count(*), 1) END AS answered_7_days,
            CASE WHEN bool_and(is_old_enough_30)
              THEN round(100.0 * count(*) FILTER (hours_to_answer <= 30 * 24) / count(*), 1) END AS answered_30_days,
            CASE WHEN bool_and(is_old_enough_30)
              THEN round(100.0 * count(*) FILTER (hours_to_accept <= 30 * 24) / count(*), 1) END AS accepted_30_days
          FROM cohorts GROUP BY month ORDER BY month`,
    row: {} as {
      month: string;
      invitations: number;
      answered_7_days: number | null;
      answered_30_days: number | null;
      accepted_30_days: number | null;
    },
  },
  funnel: {
    sql: `SELECT unnest([
            {step: 'sent', count: count(*)},
            {step: 'answered', count: count(answered_at)},
            {step: 'accepted', count: count(accepted_at)},
            {step: 'replied to', count: count(replied_at)},
            {step: 'ignored', count: count(ignored_at)},
            {step: 'moved back', count: count(restored_at)},
            {step: 'declined', count: count(declined_at)},
            {step: 'withdrawn', count: count(withdrawn_at)},
            {step: 'expired', count: count(expired_at)},
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
    sql: `WITH observed AS (
            SELECT least(answered_at, withdrawn_at, expired_at, closed_at, superseded_at, ends) AS until, sent_at,
              coalesce(answered_at <= least(withdrawn_at, expired_at, closed_at, superseded_at, ends), false) AS is_answered
            FROM invitations CROSS JOIN period WHERE sent_at <= ends
          ), times AS (
            SELECT (epoch_ms(until) - epoch_ms(sent_at)) / 86400000 AS days, count(*) AS gone,
              count(*) FILTER (is_answered) AS answered
            FROM observed GROUP BY days
          ), curve AS (
            SELECT days, product(1 - answered / at_risk) OVER (ORDER BY days) AS unanswered
            FROM (SELECT *, sum(gone) OVER (ORDER BY days DESC) AS at_risk FROM times)
          )
          SELECT day, round(100 * (1 - coalesce(unanswered, 1)), 1) AS percent,
            (SELECT count(*) FROM observed WHERE epoch_ms(until) - epoch_ms(sent_at) >= day * 86400000) AS at_risk
          FROM range(0, 31) AS days_after(day) ASOF LEFT JOIN curve ON day >= curve.days
          WHERE (SELECT count(*) FROM observed) > 0 ORDER BY day`,
    row: {} as { day: number; percent: number; at_risk: number },
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
