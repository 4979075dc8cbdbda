import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { profile } from '../../support/publisher.js';
import { until } from '../../support/until.js';
import { run } from './run.js';
import type { HostileStack } from './stack.js';

/** Profiles as another service may publish them. */
export function profileCases(stack: () => HostileStack): void {
  const publish = (id: string, value: object | null) =>
    stack().publish([{ key: id, value: value === null ? null : JSON.stringify(value) }], TOPICS.profiles);

  it('keeps the newer profile when the group reads the topic again', async () => {
    const { deployed } = stack();
    const [member] = await stack().newMembers(1);
    await publish(member!, { ...profile(member!), name: 'Newest' });
    await stack().untilNamed(member!, 'Newest');
    await deployed.pool.query(`
      CREATE TABLE public.names_seen (id text, name text);
      CREATE FUNCTION public.see_name() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO public.names_seen VALUES (NEW.id, NEW.name); RETURN NEW; END $$;
      CREATE TRIGGER see_name AFTER INSERT OR UPDATE ON notification.members
        FOR EACH ROW EXECUTE FUNCTION public.see_name()`);
    await deployed.app('notification').stop();
    const admin = deployed.service.kafka.admin();
    await admin.connect();
    await admin.deleteGroups(['notification']);
    await admin.disconnect();
    await deployed.startApp('notification');
    const [later] = await stack().newMembers(1);
    const { rows } = await deployed.pool.query<{ name: string }>(
      'SELECT DISTINCT name FROM public.names_seen WHERE id = $1',
      [member],
    );
    expect(rows.filter(({ name }) => name !== 'Newest')).toEqual([]);
    expect(later).toBeDefined();
    await deployed.pool.query('DROP TRIGGER see_name ON notification.members');
  });

  it('applies the usable fields of a profile with an impossible address', async () => {
    const [inviter, member] = await stack().newMembers(2);
    const bad = 'chiara..n.@mobile.example';
    await publish(member!, { ...profile(member!), email: bad, takesInvitations: false });
    await until(
      async () => (await stack().ask(stack().send(inviter!, member!)))[0]!.code === 'RECIPIENT_UNAVAILABLE',
      60_000,
      'the member takes no invitations',
    );
    await publish(member!, { ...profile(member!), name: 'Chiara', email: bad, locale: 7 });
    await stack().untilNamed(member!, 'Chiara');
    const [other] = await stack().newMembers(1);
    expect(await stack().ask(stack().send(other!, member!))).toMatchObject([{ outcome: 'accepted' }]);
    await stack().untilLedger([member!], ({ reason }) => reason === 'NO_ADDRESS');
    expect(stack().deployed.smtp.mails.filter((mail) => mail.includes(`To: ${member!}`))).toEqual([]);
  });

  it('accepts a locale with an underscore', async () => {
    const [inviter] = await stack().newMembers(1);
    const member = `m-${randomUUID().slice(0, 13)}`;
    await publish(member, { ...profile(member), locale: 'ar_EG' });
    await stack().untilKnown([member]);
    await stack().ask(stack().send(inviter!, member));
    await stack().untilMailed([member]);
    const mail = stack().deployed.smtp.mails.find((one) => one.includes(`${member}@network.example`));
    expect(mail).toMatch(/dir=(3D)?"rtl"|dir=3Drtl|Content-Language: ar/i);
  });

  it.each([['no JSON'], ['[]'], ['{}'], ['{"id":"somebody-else"}'], ['"\\u0000"'], ['{"id":"\\u0000"}']])(
    'skips a value that is not a profile: %s',
    async (value) => {
      await stack().publish([{ key: `m-${randomUUID().slice(0, 13)}`, value }], TOPICS.profiles);
    },
  );

  it('matches an address in each of its spellings', async () => {
    const [inviter] = await stack().newMembers(1);
    const member = `m-${randomUUID().slice(0, 13)}`;
    await publish(member, { ...profile(member), email: 'noor@bücher.example' });
    await stack().untilKnown([member]);
    for (const recipientEmail of [
      'noor@xn--bcher-kva.example',
      'noor@bücher.example'.normalize('NFD'),
      'noor@BÜCHER.example',
    ]) {
      const [sent] = await stack().ask(stack().send(inviter!, member, undefined, { recipientEmail }));
      const invitationId = `${inviter!}.${sent!.commandId}`;
      const outcomes = await stack().ask(
        stack().deployed.service.command('withdraw', { invitationId, actorId: inviter! }),
      );
      expect([recipientEmail, sent, outcomes[0]]).toMatchObject([
        recipientEmail,
        { outcome: 'accepted' },
        { outcome: 'accepted' },
      ]);
    }
  });

  it('forgets a member whose tombstone was compacted away before it was read', async () => {
    const { deployed } = stack();
    const [gone] = await stack().newMembers(1);
    await deployed.app('projector').stop();
    const { pool } = deployed;
    // Simulates a member whom the topic never contained, but both directories do.
    const ghost = `m-${randomUUID().slice(0, 13)}`;
    await pool.query(
      `INSERT INTO read_models.members SELECT (jsonb_populate_record(m, jsonb_build_object('id', $2::text))).*
       FROM read_models.members m WHERE id = $1`,
      [gone, ghost],
    );
    await deployed.startApp('projector');
    // Forced, because the topic has batches that cannot be decoded, whose members seem to be missing.
    expect(await run('projections', ['sweep-members', '--force'], stack().env)).toMatchObject({ code: 0 });
    const { rows } = await pool.query<{ id: string }>(
      'SELECT id FROM read_models.members WHERE id = ANY($1)',
      [[gone, ghost]],
    );
    expect(rows).toEqual([{ id: gone }]);
  });

  it('refuses a local part that the mail server does not support, and sends nothing of it', async () => {
    const [inviter, other] = await stack().newMembers(2);
    const member = `m-${randomUUID().slice(0, 13)}`;
    await publish(member, { ...profile(member), email: 'نور@bücher.example' });
    await stack().untilKnown([member]);
    await stack().ask(stack().send(inviter!, member));
    await stack().untilLedger([member], ({ reason }) => reason === 'NO_SMTPUTF8');
    await publish(member, { ...profile(member), email: 'noor@bücher.example' });
    await stack().until(async () => {
      const { rows } = await stack().deployed.pool.query(
        "SELECT FROM notification.members WHERE id = $1 AND email LIKE 'noor@%'",
        [member],
      );
      return rows.length === 1;
    }, 'the other address');
    await stack().ask(stack().send(other!, member));
    const mailed = () =>
      stack().deployed.smtp.mails.some((mail) => mail.includes('noor@xn--bcher-kva.example'));
    await stack().until(mailed, 'a mail to the other address');
  });
}
