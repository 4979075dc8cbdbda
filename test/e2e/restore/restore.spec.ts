import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, migrate } from '#libs/platform';
import { TOPICS } from '#libs/contracts';
import { DEPLOYED_MIGRATIONS, type AppName } from '../../support/deployed.js';
import { until } from '../../support/until.js';
import { Drill } from './drill.js';

const WITHIN_MS = 120_000;
const HOUR_MS = 60 * 60_000;

/**
 * What docs/runbooks/restore.md tells an operator to do after the loss of each server, with every app as a process. Each
 * drill must end with read models that agree with the log, and without an e-mail that comes twice.
 */
describe('the restore runbook', () => {
  let drill: Drill;

  beforeAll(async () => {
    drill = await Drill.start();
    await drill.happen(12);
  }, 300_000);
  afterAll(() => drill?.stop());

  /** The read models agree with the log, no e-mail came twice, and the service works. */
  async function expectIntact(mailsBefore: number): Promise<void> {
    await drill.untilCaughtUp();
    await drill.verify();
    expect(drill.mailCount).toBe(mailsBefore);
    const { rows } = await drill.deployed.pool.query<{ id: string }>(
      'SELECT invitation_id AS id FROM read_models.sent',
    );
    const sent = new Set(rows.map(({ id }) => id));
    expect(drill.invitations.filter(({ id }) => !sent.has(id))).toEqual([]);
    await drill.happen(4);
    await drill.untilCaughtUp();
    await drill.verify();
  }

  it('recovers what an event store lost that was restored to an earlier moment', async () => {
    await drill.backUpEventStore();
    // The first command was published before that time, and decided after it.
    const since = (await drill.firstDecidedAt()) - 1;
    await drill.happen(8);
    // The command app records its last append every second.
    await until(() => drill.isLastAppendNewer(), WITHIN_MS, 'an append after the backup is recorded');
    const mails = drill.mailCount;

    await drill.restoreEventStore();
    const { deployed } = drill;
    expect(await deployed.app('command').exited).toBe(1);
    expect(deployed.app('command').output).toContain('it was restored to an earlier moment');
    const reports = (app: AppName) => async () =>
      (await (await fetch(`${deployed.url(app)}/readyz`)).text()).includes('the event store was restored');
    await until(reports('projector'), WITHIN_MS, 'the projector reports the restored log');
    await until(reports('notification'), WITHIN_MS, 'the notification app sends nothing meanwhile');
    await drill.stopApps('projector');

    for (const projection of [
      'inbox',
      'archive',
      'sent',
      'connections',
      'account-restriction',
      'account-state',
      'reminders',
    ])
      await drill.projections('reset', projection);
    await drill.projections('reset', 'publisher', '--at-end');
    await drill.projections('reset', 'record-connections', '--from-beginning');
    await drill.sql('DELETE FROM read_models.last_append');
    await drill.sql(
      `DELETE FROM read_models.command_outcomes WHERE refusal IS NULL AND decided_at >= '${new Date(since).toISOString()}'`,
    );
    // As the runbook says: a command may have been published earlier than it was decided.
    await drill.resetGroup('command', TOPICS.commands, since - HOUR_MS);
    await drill.startApps('command', 'projector');
    await drill.untilDecidedAgain();
    await expectIntact(mails);
    expect(await reports('notification')()).toBe(false);
  }, 400_000);

  it('recovers a lost Kafka', async () => {
    const mails = drill.mailCount;
    await drill.stopApps();
    await drill.wipeKafka();
    await drill.sql('DELETE FROM read_models.profile_places');
    await drill.sql('DELETE FROM notification.profile_offsets');
    await drill.publishMembers();
    await drill.projections('reset', 'publisher', '--from-beginning');
    await drill.startApps();
    await drill.untilKnown();
    await expectIntact(mails);
  }, 400_000);

  // The last one, because it loses the ledger: another server's loss would then bring e-mails twice.
  it('recovers a lost PostgreSQL', async () => {
    const mails = drill.mailCount;
    await drill.stopApps();
    await drill.sql('DROP SCHEMA read_models CASCADE');
    await drill.sql('DROP SCHEMA notification CASCADE');
    for (const migrations of DEPLOYED_MIGRATIONS)
      await migrate(drill.deployed.pool, migrations, createLogger('test', 'silent'));
    await drill.projections('reset', 'publisher', '--at-end');
    for (const group of ['projector-members', 'notification']) await drill.resetGroup(group, TOPICS.profiles);
    await drill.startApps();
    await drill.untilKnown();
    await drill.untilCaughtUp();
    await drill.sql(
      'INSERT INTO notification.connections SELECT member_id, other_id, since FROM read_models.connections ON CONFLICT DO NOTHING',
    );
    await expectIntact(mails);
  }, 400_000);
});
