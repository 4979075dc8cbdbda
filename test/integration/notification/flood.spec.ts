import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until.js';
import { profile, sent } from './messages.js';
import type { AppProcess } from '../../support/app-process.js';
import { ProcessHarness } from './process-harness.js';

const FLOOD = 20_000;
const FIRST = 4_000;
const SIDE = 150;

/** Limit of the JavaScript heap, in MiB: enough to work, and too little for half of the flood. */
const HEAP_MIB = 64;

/** The longest message, with three bytes a character. */
const MESSAGE = '\u{6771}'.repeat(300);

/** Kafka removes a member without heartbeats for this time. Long enough for a busy machine. */
const SESSION = 'PT5S';

/** Longer than the session, for each kind of outage. `npm test -- outage` takes ten minutes for each. */
const OUTAGE_MS = Number(process.env['OUTAGE_SECONDS'] ?? 7) * 1_000;

/** Delay of a slow server's reply to each e-mail. */
const SLOW_MS = 2_000;

describe('the notification app in a flood of events while the SMTP server is down, then silent, then slow', () => {
  let harness: ProcessHarness;
  let app: AppProcess;

  beforeAll(async () => {
    harness = await ProcessHarness.start();
    await harness.smtp.stop();
    app = harness.startApp({
      KAFKA_SESSION_TIMEOUT: SESSION,
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
    });
    const members = Array.from({ length: SIDE }, (_, n) => [`inviter-${n}`, `recipient-${n}`]).flat();
    await harness.publish(members.map((id) => profile(id)));
  });
  afterAll(async () => {
    await app.kill();
    await harness.stop();
  });

  const flood = (from: number, to: number) =>
    harness.publish(
      Array.from({ length: to - from }, (_, n) =>
        sent(`inviter-${(from + n) % SIDE}`, `recipient-${Math.floor((from + n) / SIDE)}`, {
          message: MESSAGE,
        }),
      ),
    );
  const untilConsumed = () =>
    until(
      async () => (await harness.lag()) === 0,
      60_000,
      () => `no lag: ${app.output}`,
    );
  const count = async (condition: string): Promise<number> =>
    (await harness.pool.query(`SELECT FROM notification.deliveries WHERE ${condition}`)).rowCount!;

  it(
    'keeps its group membership, every message and its memory limit, and sends the e-mails after the outage',
    async () => {
      await flood(0, FIRST);
      await untilConsumed();
      const members = await harness.groupMembers();
      expect(members).toHaveLength(1);

      // Down: nothing listens.
      await flood(FIRST, FLOOD);
      await untilConsumed();
      expect(await count('true')).toBe(FLOOD);
      expect(await count(`state <> 'queued'`)).toBe(0);

      const endureOutage = async () => {
        const since = performance.now();
        while (performance.now() - since < OUTAGE_MS) {
          // The number of claims is bounded, however many deliveries wait.
          expect(await count('claim IS NOT NULL AND settled_at IS NULL')).toBeLessThanOrEqual(20 * 8);
          await sleep(250);
        }
        expect(await harness.groupMembers()).toEqual(members);
        expect(app.ended).toBeUndefined();
      };
      await endureOutage();

      // Silent: every connection waits for a greeting.
      harness.smtp.reset({ greeting: 'silence' });
      await harness.smtp.start();
      await endureOutage();

      // Slow: events are consumed meanwhile.
      harness.smtp.reset();
      harness.smtp.onMail = (_, reply) => void sleep(SLOW_MS).then(reply);
      harness.smtp.sendLine('421 restarting');
      await harness.publish([sent('inviter-0', `recipient-${SIDE - 1}`)]);
      await untilConsumed();
      await until(() => harness.smtp.mails.length >= 20, 60_000, 'mails on every connection');
      await endureOutage();
      expect(await count(`state NOT IN ('queued', 'sending', 'sent')`)).toBe(0);

      // Back.
      harness.smtp.onMail = undefined;
      await until(
        async () => (await count(`state = 'sent'`)) >= 500,
        90_000,
        () => `500 sent: ${app.output}`,
      );
      expect(await harness.groupMembers()).toEqual(members);
      expect(await count(`state IN ('queued', 'sending', 'sent')`)).toBe(FLOOD + 1);
      expect(new Set(harness.smtp.mails.map((mail) => /^Message-ID:\s+(\S+)/m.exec(mail)![1])).size).toBe(
        harness.smtp.mails.length,
      );
    },
    300_000 + 3 * OUTAGE_MS,
  );
});
