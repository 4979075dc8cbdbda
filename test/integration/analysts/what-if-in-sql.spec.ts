import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../apps/replay/src/sql/database.js';
import { databaseOf, rowsOf } from './database.js';
import { sampleLog } from './sample.js';
import { differences, type LogEntry } from './what-if.js';

const DAY = 24 * 60 * 60_000;
const LIMIT = 40;

/** Walks each account's events with a count of declines, without code of the domain. */
const RESTRICTED_AT_THREE = `
WITH RECURSIVE steps AS (
  SELECT account_id, type, invitation_id, happened_at, row_number() OVER (PARTITION BY account_id ORDER BY position) AS n
  FROM events
  WHERE type IN ('InvitationSent', 'InvitationDeclined', 'AccountRestrictionLifted') AND account_id IN (
    SELECT account_id FROM events WHERE type = 'InvitationDeclined' GROUP BY 1 HAVING count(*) >= 3)
), walk AS (
  SELECT DISTINCT account_id, 0::BIGINT AS n, false AS restricted, 0 AS declines,
    []::VARCHAR[] AS refused, []::TIMESTAMPTZ[] AS restrictions
  FROM steps
  UNION ALL
  SELECT account_id, step.n,
    CASE WHEN is_lift THEN false WHEN counts AND declines + 1 >= 3 THEN true ELSE restricted END,
    CASE WHEN is_lift AND restricted THEN 0 WHEN counts THEN declines + 1 ELSE declines END,
    CASE WHEN step.type = 'InvitationSent' AND restricted THEN list_append(refused, step.invitation_id) ELSE refused END,
    CASE WHEN counts AND NOT restricted AND declines + 1 >= 3 THEN list_append(restrictions, step.happened_at) ELSE restrictions END
  FROM (
    SELECT walk.*, s AS step, s.type = 'AccountRestrictionLifted' AS is_lift,
      s.type = 'InvitationDeclined' AND NOT list_contains(walk.refused, s.invitation_id) AS counts
    FROM walk JOIN steps AS s ON s.account_id = walk.account_id AND s.n = walk.n + 1)
)
SELECT arg_max(refused, n) AS refused, arg_max(restrictions, n) AS restrictions, account_id FROM walk GROUP BY account_id`;

/** Whether the invitation was untouched at that time, according to the times of its events. */
const REMINDED_LATER = `
SELECT invitation_id, day FROM invitations, unnest([3, 10]) AS days(day)
WHERE sent_at + day * INTERVAL 1 DAY <= (SELECT max(happened_at) FROM events)
  AND coalesce(least(answered_at, withdrawn_at, superseded_at) >= sent_at + day * INTERVAL 1 DAY, true)`;

describe('replay what-if compared with an SQL query over the same events', () => {
  const log: readonly LogEntry[] = [...sampleLog({ events: 30_000, seed: 3 })];
  let database: Database;
  beforeAll(async () => void (database = await databaseOf(log)), 120_000);
  afterAll(() => database.close());

  it('refuses with a lower limit every invitation beyond it (R2, R35)', async () => {
    const nth = await rowsOf<{ invitation_id: string }>(
      database,
      `SELECT invitation_id FROM (
         SELECT invitation_id, row_number() OVER (PARTITION BY account_id ORDER BY position) AS n
         FROM events WHERE type = 'InvitationSent') WHERE n > ${LIMIT}`,
    );
    const refused = (await differences(log, { invitationLimit: LIMIT })).filter(
      ({ kind }) => kind === 'refused',
    );
    expect(nth.length).toBeGreaterThan(100);
    expect(refused.map(({ invitationId }) => invitationId).toSorted()).toEqual(
      nth.map((row) => row.invitation_id).toSorted(),
    );
  });

  it('refuses with a restriction at three declines every invitation between the third decline and a lift (R26, D7)', async () => {
    const walked = await rowsOf<{ account_id: string; refused: string[]; restrictions: string[] }>(
      database,
      RESTRICTED_AT_THREE,
    );
    const recorded = new Set(
      log
        .filter(({ event }) => event.type === 'AccountRestricted')
        .map((one) => `${one.accountId} ${one.event.at}`),
    );
    const restrictions = walked
      .flatMap((row) => row.restrictions.map((at) => `${row.account_id} ${at}`))
      .filter((one) => !recorded.has(one));
    const found = await differences(log, { restrictAfterDeclines: 3 });
    const of = (kind: string) => found.filter((difference) => difference.kind === kind);
    expect(restrictions.length).toBeGreaterThan(3);
    expect(
      of('restricted')
        .map(({ accountId, at }) => `${accountId} ${at}`)
        .toSorted(),
    ).toEqual(restrictions.toSorted());
    expect(of('refused').length).toBeGreaterThan(20);
    expect(
      of('refused')
        .map(({ invitationId }) => invitationId)
        .toSorted(),
    ).toEqual(walked.flatMap(({ refused }) => refused).toSorted());
  });

  it('sends with another schedule the reminders of invitations that were untouched when they were due (D6)', async () => {
    const due = await rowsOf<{ invitation_id: string; day: number }>(database, REMINDED_LATER);
    const sentAt = new Map(
      log.map(({ event }) => [
        'invitationId' in event && event.type === 'InvitationSent' ? event.invitationId : '',
        Date.parse(event.at),
      ]),
    );
    const found = await differences(log, { remindersMs: [3 * DAY, 10 * DAY] });
    const reminded = found
      .filter(({ kind }) => kind === 'reminded')
      .map(
        ({ invitationId, at }) => `${invitationId} ${(Date.parse(at) - sentAt.get(invitationId!)!) / DAY}`,
      );
    expect(due.length).toBeGreaterThan(1_000);
    expect(reminded.toSorted()).toEqual(due.map(({ invitation_id: id, day }) => `${id} ${day}`).toSorted());
    const [sent] = await rowsOf<{ count: number }>(
      database,
      `SELECT count(*) AS count FROM events WHERE type = 'InvitationReminderDue'`,
    );
    expect(found.filter(({ kind }) => kind === 'not-reminded')).toHaveLength(sent!.count);
  });
});
