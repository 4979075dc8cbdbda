import type { Admin, Message } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { Deployed } from '../support/deployed.js';
import { profile } from '../support/publisher.js';
import { until } from '../support/until.js';

/** Valid and invalid profiles, with the apps as processes. */
describe('profiles, in the running service (D13)', () => {
  let deployed: Deployed;
  let admin: Admin;

  beforeAll(async () => {
    deployed = await Deployed.start();
    admin = deployed.service.kafka.admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin?.disconnect();
    await deployed?.stop();
  });

  const publish = (...messages: Message[]) => deployed.service.publish(TOPICS.profiles, messages);
  const member = (id: string, change: object = {}): Message => ({
    key: id,
    value: JSON.stringify({ ...profile(id), ...change }),
  });

  interface Row {
    readonly name: string;
    readonly email: string;
  }
  async function rows(id: string): Promise<Row[]> {
    const { rows: found } = await deployed.pool.query<Row>(
      `SELECT name, email FROM read_models.members WHERE id = $1
       UNION ALL SELECT name, email FROM notification.members WHERE id = $1`,
      [id],
    );
    return found;
  }
  async function untilBoth(id: string, holds: (row: Row) => boolean): Promise<void> {
    let found: Row[] = [];
    const both = async () => (found = await rows(id)).filter(holds).length === 2;
    await until(both, 30_000, () => `both apps with ${id}: ${JSON.stringify(found)}`);
  }
  const mailsTo = (address: string) =>
    deployed.smtp.mails.filter((mail) => mail.includes(`To: ${address}\r`));
  const invite = (inviterId: string, recipientId: string, recipientEmail?: string) =>
    deployed.service.ask('send', {
      inviterId,
      recipientId,
      ...(recipientEmail === undefined ? {} : { recipientEmail }),
    });

  it('stop invitations with takesInvitations: false although the address is unusable, and no e-mail goes to the old address', async () => {
    await publish(member('amal'), member('chiara'), member('dora'));
    await untilBoth('chiara', ({ email }) => email === 'chiara@network.example');
    await publish(member('chiara', { email: 'chiara..n.@mobile.example', takesInvitations: false }));
    await publish(member('dora', { email: 'dora@', locale: 'ar_EG', name: null }));
    await untilBoth('chiara', ({ email }) => email === '');
    await untilBoth('dora', ({ email }) => email === '');
    expect(await invite('amal', 'chiara')).toMatchObject({
      outcome: 'refused',
      code: 'RECIPIENT_UNAVAILABLE',
    });
    expect(await invite('amal', 'dora')).toMatchObject({ outcome: 'accepted' });
    const reason = async () =>
      (
        await deployed.pool.query<{ reason: string }>(
          `SELECT reason FROM notification.deliveries WHERE recipient_id = 'dora' AND state = 'suppressed'`,
        )
      ).rows[0]?.reason;
    await until(async () => (await reason()) === 'NO_ADDRESS', 30_000, 'NO_ADDRESS in the ledger');
    expect([...mailsTo('chiara@network.example'), ...mailsTo('dora@network.example')]).toEqual([]);
    for (const app of ['projector', 'notification'] as const) {
      const log = deployed.app(app).output;
      expect(log).toContain('"memberId":"dora"');
      expect(log).not.toMatch(/chiara\.\.n|@mobile|@network\.example/);
    }
  });

  it('do not depend on record timestamps', async () => {
    const now = Date.now();
    const timestamps = ['-1', String(2n ** 63n - 1n), String(now * 1_000), String(now + 365 * 86_400_000)];
    for (const [index, timestamp] of timestamps.entries()) {
      // A broker may reject them, as Kafka 4 does by default.
      await publish({ ...member('amal', { name: `Amal ${index}` }), timestamp }).catch(() => undefined);
      await publish(member('amal', { name: `Amal now ${index}` }));
      await untilBoth('amal', ({ name }) => name === `Amal now ${index}`);
    }
    expect(await invite('chiara', 'amal')).toMatchObject({ outcome: 'accepted' });
  });

  it('match all spellings of an address (R34)', async () => {
    await publish(member('noor', { email: 'Noor@bu\u0308cher.example' }));
    await untilBoth('noor', ({ email }) => email === 'Noor@xn--bcher-kva.example');
    for (const address of [
      'noor@xn--bcher-kva.example',
      'noor@BÜCHER.example',
      'noor@bu\u0308cher.example',
    ]) {
      const { commandId } = await invite('amal', 'noor', address);
      await deployed.service.ask('withdraw', { invitationId: `amal.${commandId}`, actorId: 'amal' });
    }
    expect(await invite('amal', 'noor')).toMatchObject({ code: 'EMAIL_REQUIRED' });
    expect(await invite('amal', 'noor', 'noor@bucher.example')).toMatchObject({ code: 'EMAIL_REQUIRED' });
    expect(await invite('amal', 'noor', 'noor@bücher.example')).toMatchObject({ outcome: 'accepted' });
    await until(() => mailsTo('Noor@xn--bcher-kva.example').length > 0, 30_000, 'the e-mail');
  });

  it('remove a member whose tombstone was compacted away while the apps were down', async () => {
    await publish(member('left'), member('stays'));
    await untilBoth('left', () => true);
    await untilBoth('stays', () => true);
    for (const app of ['projector', 'notification'] as const) {
      deployed.app(app).signal('SIGTERM');
      await deployed.app(app).exited;
    }
    await publish({ key: 'left', value: null });
    const offsets = await admin.fetchTopicOffsets(TOPICS.profiles);
    await admin.deleteTopicRecords({
      topic: TOPICS.profiles,
      partitions: offsets.map(({ partition, high }) => ({ partition, offset: high })),
    });
    await publish(...['amal', 'chiara', 'dora', 'noor', 'stays'].map((id) => member(id)));
    // The restore runbook lets the groups read the whole topic again.
    await admin.deleteGroups(['projector-members', 'notification']);
    await Promise.all([deployed.startApp('projector'), deployed.startApp('notification')]);
    await until(async () => (await rows('left')).length === 0, 60_000, 'left is forgotten');
    await untilBoth('stays', () => true);
    expect(await invite('amal', 'left')).toMatchObject({ code: 'RECIPIENT_UNAVAILABLE' });
    expect(await invite('amal', 'stays')).toMatchObject({ outcome: 'accepted' });
  });
});
