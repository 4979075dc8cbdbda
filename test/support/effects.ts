import { expect } from '@jest/globals';
import { Client } from 'pg';
import { MemberAtApi } from './member.js';
import type { Standalone } from './standalone.js';
import { until } from './until.js';

/**
 * Expects that every invitation of each inviter to each recipient has one effect: one row in the inbox and one e-mail
 * (R5). An e-mail in transfer when its sender was killed is of unknown outcome and is not sent again: it may be
 * missing, but never arrives twice.
 * @param prefix the start of the inviters' ids, and of no other ids
 */
export async function expectOneEffectEach(
  standalone: Standalone,
  prefix: string,
  inviters: readonly string[],
  recipients: readonly string[],
): Promise<void> {
  for (const id of recipients) {
    const recipient = await MemberAtApi.of(standalone, id);
    const invitedBy = async () =>
      (await recipient.list('inbox'))
        .map(({ invitationId }) => invitationId.split('.')[0]!)
        .filter((inviter) => inviter.startsWith(prefix));
    await until(async () => (await invitedBy()).length >= inviters.length, 60_000, `the inbox of ${id}`);
    expect((await invitedBy()).toSorted()).toEqual(inviters.toSorted());
  }
  const ledger = new Client(standalone.endpoints.postgres);
  await ledger.connect();
  let counts: Record<string, number> = {};
  const look = async () => {
    const { rows } = await ledger.query<{ state: string; count: number }>(
      'SELECT state, count(*)::int AS count FROM notification.deliveries WHERE about_id LIKE $1 GROUP BY state',
      [`${prefix}%`],
    );
    counts = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    return counts;
  };
  const wanted = recipients.length * inviters.length;
  try {
    await until(
      async () => {
        const { sent = 0, unknown = 0 } = await look();
        return sent + unknown === wanted;
      },
      60_000,
      () => `every e-mail of ${wanted}: ${JSON.stringify(counts)}`,
    );
    const mails = await mailsAbout(standalone, prefix);
    expect(new Set(mails).size).toBe(mails.length);
    expect(mails.length).toBeGreaterThanOrEqual(counts['sent'] ?? 0);
    expect(mails.length).toBeLessThanOrEqual(wanted);
  } finally {
    await ledger.end();
  }
}

/** Returns the recipient and the subject of each e-mail whose subject names such a member. */
async function mailsAbout({ endpoints }: Standalone, name: string): Promise<string[]> {
  const response = await fetch(`${endpoints.mail}/api/messages`);
  const mails = (await response.json()) as { to: string[]; subject: string }[];
  return mails
    .filter(({ subject }) => subject.includes(name))
    .map(({ to, subject }) => `${to[0]} ${subject}`);
}
