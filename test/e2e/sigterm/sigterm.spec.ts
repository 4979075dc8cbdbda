import { openTestEventStore } from '../../support/event-store.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import type { AppProcess } from '../../support/app-process.js';
import { APPS, Deployed, type AppName } from '../../support/deployed.js';
import { until } from '../../support/until.js';
import {
  eventsIn,
  halfDecided,
  ledger,
  messagesOn,
  publishedTwice,
  slicesKept,
  unsettled,
  unlikeTheLog,
} from './evidence.js';
import { CLIENTS, Load, type Asking } from './load.js';

/** Signals for each app; `npm test -- sigterm` sends more. */
const TIMES = Number(process.env['SIGTERM_TIMES'] ?? 2);

/** The stop deadline of the process (run-app.ts), and a reserve for the machine. */
const WITHIN_MS = 21_000;
const BURST = 120;

/** The delay of the mail server's reply to each e-mail, so that some are always in progress. */
const SMTP_MS = 100;

let deployed: Deployed;
let load: Load;
/** The `Message-ID` of each e-mail that arrived. */
const arrived: string[] = [];

beforeAll(async () => {
  // Without TLS: the load is chosen for the time that the development event store takes without it.
  deployed = await Deployed.start({ eventStore: await openTestEventStore() });
  deployed.smtp.onMail = (mail, answer) => {
    arrived.push(/^Message-ID: (\S+)/im.exec(mail)![1]!);
    deployed.smtp.mails.length = 0;
    setTimeout(answer, SMTP_MS);
  };
  load = new Load(deployed);
  await load.start();
}, 300_000);
afterAll(async () => {
  load?.abandon();
  await deployed?.stop();
});

/** The work that an app has in hand when it is told to stop. */
const inTheMidst: Record<AppName, (round: number) => Promise<unknown>> = {
  async command() {
    const mine = new Set(await load.burst(BURST));
    const { answers } = deployed.service;
    const before = answers.length;
    const begun = () => answers.slice(before).some(({ key }) => mine.has(key));
    await until(begun, 30_000, 'the first answer', 1);
  },
  async projector() {
    const rows = async () =>
      Number((await deployed.pool.query('SELECT count(*) FROM read_models.sent')).rows[0].count);
    const before = await rows();
    await load.burst(BURST);
    await until(async () => (await rows()) > before + 5, 30_000, 'some rows', 1);
  },
  async notification() {
    const before = arrived.length;
    await load.burst(BURST);
    await until(() => arrived.length > before + 5, 30_000, 'some e-mails', 1);
  },
  /**
   * Every other time, any work in hand; otherwise as many requests as there are clients, all waiting for an outcome.
   */
  async api(round) {
    if (round % 2 === 1) return;
    deployed.app('command').signal('SIGSTOP');
    const all = () => load.waiting.length === CLIENTS;
    await until(all, 30_000, 'a request of every client');
    const metrics = async () => (await fetch(`${deployed.api}/metrics`)).text();
    const inFlight = async () => Number(/^http_requests_in_flight (\d+)$/m.exec(await metrics())?.[1]);
    // This is a request, too.
    await until(async () => (await inFlight()) > CLIENTS, 30_000, 'these at the api');
  },
};

/** Expectations after the app has ended. */
const afterwards: Record<AppName, () => Promise<unknown>> = {
  async command() {
    expect(await halfDecided(deployed)).toEqual([]);
  },
  async projector() {
    expect([
      await unlikeTheLog(deployed),
      await slicesKept(deployed),
      await publishedTwice(deployed),
    ]).toEqual(['', 0, []]);
  },
  async notification() {
    const { queued: _queued, sent, ...rest } = await ledger(deployed);
    expect([rest, sent]).toEqual([{}, arrived.length]);
  },
  api: () => Promise.resolve(),
};

describe(`SIGTERM ${TIMES} times under load`, () => {
  it.each(APPS)(
    'completes the work in hand, takes no more and exits 0: %s',
    async (name) => {
      for (let round = 0; round < TIMES; round += 1) {
        await inTheMidst[name](round);
        const underWay = name === 'api' && round % 2 === 0 ? [...load.waiting] : [];
        const app = deployed.app(name);
        app.signal('SIGTERM');
        if (underWay.length > 0) await expectAnswers(underWay);
        try {
          await expectGoodEnd(app);
          await afterwards[name]();
        } finally {
          await deployed.startApp(name);
        }
        await sleep(200);
      }
    },
    60_000 + TIMES * 30_000,
  );

  it.each(['command', 'projector', 'notification'] as const)(
    'hands over to a replica that runs already, as in a rolling update: %s',
    async (name) => {
      for (let round = 0; round < TIMES; round += 1) {
        const former = await deployed.startSuccessor(name);
        await inTheMidst[name](round);
        former.signal('SIGTERM');
        await expectGoodEnd(former);
      }
    },
    60_000 + TIMES * 30_000,
  );

  it('loses and repeats nothing', async () => {
    await load.stop();
    // The e-mail of the probe, in addition.
    const invitations = load.invitations + 1;
    const mails = invitations + load.accepted;
    let found = '';
    await until(
      async () => {
        const ledgerNow = await ledger(deployed);
        found = `${arrived.length} arrived; ${JSON.stringify([ledgerNow, await unsettled(deployed)])}`;
        return ledgerNow['sent'] === mails;
      },
      60_000,
      () => `${mails} e-mails, but ${found}`,
      250,
    );
    expect(await ledger(deployed)).toEqual({ sent: mails });
    expect([arrived.length, new Set(arrived).size]).toEqual([mails, mails]);

    expect(load.asked.filter(({ attempts }) => ![201, 202].includes(Number(attempts.at(-1))))).toEqual([]);
    const published = new Map(load.published.map((id) => [id, 1]));
    const answers = deployed.service.answers.filter(({ outcome }) => outcome.outcome === 'accepted');
    expect(
      countOf(
        answers.map(({ key }) => key),
        published,
      ),
    ).toEqual(published);

    const commands = new Map(
      [...load.published, ...load.asked.map(({ commandId }) => commandId)].map((id) => [id, 1]),
    );
    const events = await eventsIn(deployed);
    const recorded = events.filter(({ type }) => type === 'ConnectionRecorded');
    expect(recorded).toHaveLength(load.accepted);
    expect(
      countOf(
        events.map(({ commandId }) => commandId),
        commands,
      ),
    ).toEqual(commands);
    for (const [topic, count] of [
      [TOPICS.sent, invitations],
      [TOPICS.accepted, load.accepted],
    ] as const) {
      const ids = (await messagesOn(deployed, topic)).map((message) => message.header('ce_id'));
      expect([topic, ids.length, new Set(ids).size]).toEqual([topic, count, count]);
    }
    expect(await unlikeTheLog(deployed)).toBe('');
  }, 300_000);
});

/** Expects exit code 0 in time, and no log lines except that another member has joined the consumer group. */
async function expectGoodEnd(app: AppProcess): Promise<void> {
  await until(() => app.ended !== undefined, WITHIN_MS, `the end of ${app.name}`);
  const lines = app.output.split('\n');
  const complaints = lines.filter((line) => line !== '' && !line.includes('The group is rebalancing'));
  expect([app.ended, complaints]).toEqual([0, []]);
}

/** The api is told to stop while these requests wait for outcomes, which arrive after it has stopped listening. */
async function expectAnswers(underWay: readonly Asking[]): Promise<void> {
  const refused = () =>
    fetch(`${deployed.api}/healthz`, { headers: { connection: 'close' } }).then(
      () => false,
      () => true,
    );
  try {
    await until(refused, 30_000, 'the api to take no more');
  } finally {
    deployed.app('command').signal('SIGCONT');
  }
  await until(() => underWay.every(({ attempts }) => attempts.length > 0), 30_000, 'the answers');
  expect(underWay.map(({ attempts }) => attempts[0])).toEqual(underWay.map(() => 201));
}

/** Returns how often each of the given names occurs. */
function countOf(names: readonly string[], asked: ReadonlyMap<string, unknown>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) if (asked.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
