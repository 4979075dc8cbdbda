import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import type { App } from '../support/app.js';
import { APPS, Deployed, type AppName } from '../support/deployed.js';
import { until } from '../support/until.js';
import { eventsIn, halfDecided, ledger, messagesOn, slicesKept, unlikeTheLog } from './evidence.js';
import { CLIENTS, Load, type Asking } from './load.js';

/** For each app; `npm run test:sigterm` asks for more. */
const TIMES = Number(process.env['SIGTERM_TIMES'] ?? 2);

/** Of the process (run-app.ts), and some for the machine. */
const WITHIN_MS = 21_000;
const BURST = 120;

/** The mail server thinks about each e-mail for this long: some are always under way. */
const SMTP_MS = 100;

let world: Deployed;
let load: Load;
/** The `Message-ID` of each e-mail that came. */
const arrived: string[] = [];

beforeAll(async () => {
  world = await Deployed.start();
  world.smtp.atMail = (mail, answer) => {
    arrived.push(/^Message-ID: (\S+)/im.exec(mail)![1]!);
    world.smtp.mails.length = 0;
    setTimeout(answer, SMTP_MS);
  };
  load = new Load(world);
  await load.start();
}, 300_000);
afterAll(async () => {
  load?.abandon();
  await world?.stop();
});

/** The work that an app is in the midst of when it is told to stop. */
const inTheMidst: Record<AppName, (round: number) => Promise<unknown>> = {
  async command() {
    const mine = new Set(await load.burst(BURST));
    const { answers } = world.service;
    const before = answers.length;
    const begun = () => answers.slice(before).some(({ key }) => mine.has(key));
    await until(begun, 30_000, 'the first answer', 1);
  },
  async projector() {
    const rows = async () =>
      Number((await world.pool.query('SELECT count(*) FROM read_models.sent')).rows[0].count);
    const before = await rows();
    await load.burst(BURST);
    await until(async () => (await rows()) > before + 5, 30_000, 'some rows', 1);
  },
  async notification() {
    const before = arrived.length;
    await load.burst(BURST);
    await until(() => arrived.length > before + 5, 30_000, 'some e-mails', 1);
  },
  /** Every other time whatever is under way; else as many requests as there are clients, which all wait for an outcome. */
  async api(round) {
    if (round % 2 === 1) return;
    world.app('command').signal('SIGSTOP');
    const all = () => load.waiting.length === CLIENTS;
    await until(all, 30_000, 'a request of every client');
    const metrics = async () => (await fetch(`${world.api}/metrics`)).text();
    const inFlight = async () => Number(/^http_requests_in_flight (\d+)$/m.exec(await metrics())?.[1]);
    // That one, too, is a request.
    await until(async () => (await inFlight()) > CLIENTS, 30_000, 'these at the api');
  },
};

/** What must be so when it has ended. */
const afterwards: Record<AppName, () => Promise<unknown>> = {
  async command() {
    expect(await halfDecided(world)).toEqual([]);
  },
  async projector() {
    expect([await unlikeTheLog(world), await slicesKept(world)]).toEqual(['', 0]);
  },
  async notification() {
    const { queued: _queued, sent, ...rest } = await ledger(world);
    expect([rest, sent]).toEqual([{}, arrived.length]);
  },
  api: () => Promise.resolve(),
};

describe(`SIGTERM ${TIMES} times under load`, () => {
  it.each(APPS)(
    'finishes what is under way, takes nothing more and exits 0: %s',
    async (name) => {
      for (let round = 0; round < TIMES; round += 1) {
        await inTheMidst[name](round);
        const underWay = name === 'api' && round % 2 === 0 ? [...load.waiting] : [];
        const app = world.app(name);
        app.signal('SIGTERM');
        if (underWay.length > 0) await expectAnswers(underWay);
        try {
          await expectGoodEnd(app);
          await afterwards[name]();
        } finally {
          await world.startApp(name);
        }
        await sleep(200);
      }
    },
    60_000 + TIMES * 30_000,
  );

  it.each(['command', 'projector', 'notification'] as const)(
    'hands over to a replica that is there already, as a roll-out has it: %s',
    async (name) => {
      for (let round = 0; round < TIMES; round += 1) {
        const former = await world.startSuccessor(name);
        await inTheMidst[name](round);
        former.signal('SIGTERM');
        await expectGoodEnd(former);
      }
    },
    60_000 + TIMES * 30_000,
  );

  it('loses nothing and does nothing twice', async () => {
    await load.stop();
    // Of the probe, one more.
    const invitations = load.invitations + 1;
    const mails = invitations + load.accepted;
    await until(
      async () => (await ledger(world))['sent'] === mails,
      60_000,
      () => `${mails} e-mails, but ${arrived.length}`,
      250,
    );
    expect(await ledger(world)).toEqual({ sent: mails });
    expect([arrived.length, new Set(arrived).size]).toEqual([mails, mails]);

    expect(load.asked.filter(({ attempts }) => ![201, 202].includes(Number(attempts.at(-1))))).toEqual([]);
    const published = new Map(load.published.map((id) => [id, 1]));
    const answers = world.service.answers.filter(({ outcome }) => outcome.outcome === 'accepted');
    expect(
      countOf(
        answers.map(({ key }) => key),
        published,
      ),
    ).toEqual(published);

    const commands = new Map(
      [...load.published, ...load.asked.map(({ commandId }) => commandId)].map((id) => [id, 1]),
    );
    const events = await eventsIn(world);
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
      const ids = (await messagesOn(world, topic)).map((message) => message.header('ce_id'));
      expect([topic, ids.length, new Set(ids).size]).toEqual([topic, count, count]);
    }
    expect(await unlikeTheLog(world)).toBe('');
  }, 300_000);
});

/** It finished in time, and had nothing to complain of but that another one has joined its consumer group. */
async function expectGoodEnd(app: App): Promise<void> {
  await until(() => app.ended !== undefined, WITHIN_MS, `the end of ${app.name}`);
  const lines = app.log.join('').split('\n');
  const complaints = lines.filter((line) => line !== '' && !line.includes('The group is rebalancing'));
  expect([app.ended, complaints]).toEqual([{ code: 0, signal: null }, []]);
}

/** The api is asked to stop while these wait for outcomes, which come when it no longer listens. */
async function expectAnswers(underWay: readonly Asking[]): Promise<void> {
  const refused = () =>
    fetch(`${world.api}/healthz`, { headers: { connection: 'close' } }).then(
      () => false,
      () => true,
    );
  try {
    await until(refused, 30_000, 'the api to take no more');
  } finally {
    world.app('command').signal('SIGCONT');
  }
  await until(() => underWay.every(({ attempts }) => attempts.length > 0), 30_000, 'the answers');
  expect(underWay.map(({ attempts }) => attempts[0])).toEqual(underWay.map(() => 201));
}

/** How often each of those that are asked about is among the names. */
function countOf(names: readonly string[], asked: ReadonlyMap<string, unknown>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) if (asked.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
