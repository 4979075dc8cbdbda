import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import type { AppProcess } from './app-process.js';
import { profile, sent } from './messages.js';
import { ProcessWorld } from './process-world.js';

const FLOOD = 20_000;
const FIRST = 4_000;
const SIDE = 150;

/** Of JavaScript's heap, in MiB: enough to work in, and not for half of the flood. */
const HEAP_MIB = 64;

/** As long as a message may be, three bytes a character. */
const MESSAGE = '\u{6771}'.repeat(300);

/** A member that is not heard of for so long is out of the group. Not so short that a busy machine is enough for it. */
const SESSION = 'PT5S';

/** Longer than that; for each way in which a server can be of no use. `npm run test:outage` takes ten minutes for each. */
const OUTAGE_MS = Number(process.env['OUTAGE_SECONDS'] ?? 7) * 1_000;

/** A slow server's answer to each mail. */
const SLOW_MS = 2_000;

describe('a flood of events while the SMTP server is down, then silent, then slow', () => {
  let world: ProcessWorld;
  let app: AppProcess;

  beforeAll(async () => {
    world = await ProcessWorld.start();
    await world.smtp.stop();
    app = world.app({ KAFKA_SESSION_TIMEOUT: SESSION, NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` });
    const members = Array.from({ length: SIDE }, (_, n) => [`inviter-${n}`, `recipient-${n}`]).flat();
    await world.publish(members.map((id) => profile(id)));
  });
  afterAll(async () => {
    app.kill();
    await app.end;
    await world.stop();
  });

  const flood = (from: number, to: number) =>
    world.publish(
      Array.from({ length: to - from }, (_, n) =>
        sent(`inviter-${(from + n) % SIDE}`, `recipient-${Math.floor((from + n) / SIDE)}`, {
          message: MESSAGE,
        }),
      ),
    );
  const taken = () =>
    until(
      async () => (await world.lag()) === 0,
      60_000,
      () => `no lag: ${app.output}`,
    );
  const count = async (which: string): Promise<number> =>
    (await world.pool.query(`SELECT FROM notification.deliveries WHERE ${which}`)).rowCount!;

  it(
    'costs no membership, no message and no memory; when there is a server, they go',
    async () => {
      await flood(0, FIRST);
      await taken();
      const members = await world.members();
      expect(members).toHaveLength(1);

      // Down: nobody listens.
      await flood(FIRST, FLOOD);
      await taken();
      expect(await count('true')).toBe(FLOOD);
      expect(await count(`state <> 'queued'`)).toBe(0);

      const endures = async () => {
        const since = performance.now();
        while (performance.now() - since < OUTAGE_MS) {
          // What is held of the queue is bounded, whatever waits.
          expect(await count('claim IS NOT NULL AND settled_at IS NULL')).toBeLessThanOrEqual(20 * 8);
          await sleep(250);
        }
        expect(await world.members()).toEqual(members);
        expect(app.isRunning).toBe(true);
      };
      await endures();

      // There, and without a word: every connection waits for a greeting.
      world.smtp.reset({ greeting: 'silence' });
      await world.smtp.start();
      await endures();

      // It answers, and takes its time. Meanwhile events are taken as ever.
      world.smtp.reset();
      world.smtp.atMail = (_, answer) => void sleep(SLOW_MS).then(answer);
      world.smtp.answer('421 starting anew');
      await world.publish([sent('inviter-0', `recipient-${SIDE - 1}`)]);
      await taken();
      await until(() => world.smtp.mails.length >= 20, 60_000, 'mails on every connection');
      await endures();
      expect(await count(`state NOT IN ('queued', 'sending', 'sent')`)).toBe(0);

      // Back.
      world.smtp.atMail = undefined;
      await until(
        async () => (await count(`state = 'sent'`)) >= 500,
        90_000,
        () => `500 sent: ${app.output}`,
      );
      expect(await world.members()).toEqual(members);
      expect(await count(`state IN ('queued', 'sending', 'sent')`)).toBe(FLOOD + 1);
      expect(new Set(world.smtp.mails.map((mail) => /^Message-ID:\s+(\S+)/m.exec(mail)![1])).size).toBe(
        world.smtp.mails.length,
      );
    },
    300_000 + 3 * OUTAGE_MS,
  );
});
