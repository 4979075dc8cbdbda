import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { InvitationEvent, Policy } from '#libs/invitation';
import { readListAsOf, type ListName } from '../../../apps/replay/src/as-of/as-of.command.js';
import { LogReader } from '../../../apps/replay/src/log/log-reader.js';
import { ChoiceDecoder } from '../../properties/choice-decoder.js';
import { SeededRandom } from '../../support/seeded-random.js';
import { isCommand, MEMBERS, CommandGenerator } from '../../properties/histories.js';
import { InMemoryCommandApp } from '../../properties/in-memory-command-app.js';
import { archive, connections, inbox, restriction, sent, type Facts } from './support/lists-model.js';
import { expectEqual } from '../../properties/expect-equal.js';
import { lifted, restricted } from '../../support/story.js';
import { ReplayHarness } from './support/replay-harness.js';

jest.setTimeout(300_000);

const INSTANTS = 1_000;
const COMMANDS = 1_500;
const HOUR = 3_600_000;
const POLICY: Policy = {
  invitationLimit: 1_000,
  restrictAfterDeclines: 2,
  followUpIntervalMs: 0,
  remindersMs: [HOUR, 24 * HOUR],
  reminderValidityMs: 48 * HOUR,
  invitationExpiryMs: 72 * HOUR,
};

/** The same in every run, and part of a failure's message. */
const SEED = 20_261_127;

/** Formats rows like the model. */
const TELL: Record<ListName, (row: never) => string> = {
  inbox: ({ invitation_id: id }: { invitation_id: string }) => id,
  archive: ({ invitation_id: id }: { invitation_id: string }) => id,
  sent: ({ invitation_id: id, status }: { invitation_id: string; status: string }) => `${id} ${status}`,
  connections: ({ other_id: id }: { other_id: string }) => id,
  restriction: ({ restricted }: { restricted: boolean }) => (restricted ? 'restricted' : 'free'),
};
const MODEL: Record<ListName, (facts: Facts, member: string) => string[]> = {
  inbox,
  archive,
  sent,
  connections,
  restriction,
};
const LISTS = Object.keys(TELL) as ListName[];

/** Types of events that change lists. */
const LISTED = ['Sent', 'Accepted', 'Replied', 'Ignored', 'Restored', 'Declined', 'Withdrawn', 'Expired'].map(
  (what) => `Invitation${what}`,
);

let harness: ReplayHarness;
const log = new LogReader();
/** In the order of the log. */
const logged: { account: string; event: InvitationEvent; position: bigint }[] = [];
const random = new SeededRandom(SEED);

beforeAll(async () => {
  harness = await ReplayHarness.open();
  process.env['EVENTSTORE_URL'] = harness.url;
  const generator = new CommandGenerator(MEMBERS);
  const domain = new InMemoryCommandApp(POLICY);
  for (let n = 0; n < COMMANDS; n += 1) {
    const step = generator.step(random.safeInteger());
    // Accounts close late, because nothing happens in a closed one (D23).
    if (isCommand(step) && (step.type !== 'CloseAccount' || n > 0.8 * COMMANDS)) domain.handle(step);
  }
  const [, other] = MEMBERS;
  domain.append(other!, [
    { ...restricted(7_000), accountId: other } as InvitationEvent,
    { ...lifted(9_000), accountId: other } as InvitationEvent,
  ]);
  // A few events of an account at a time, so that later events often come earlier in the log.
  const left = new Map(
    [...domain.streams].filter(([id]) => id !== '').map(([id, events]) => [id, [...events]]),
  );
  while (left.size > 0) {
    const account = new ChoiceDecoder(random.safeInteger()).pick([...left.keys()]);
    const events = left.get(account)!.splice(0, 1 + new ChoiceDecoder(random.safeInteger()).index(12));
    if (events.length === 0) left.delete(account);
    else await harness.append(account, events);
  }
  for await (const batch of log.readBatches()) {
    for (const { accountId, position } of batch) {
      const nth = logged.filter(({ account }) => account === accountId).length;
      logged.push({
        account: accountId,
        event: domain.stream(accountId)[nth]!,
        position: position.commit,
      });
    }
  }
});
afterAll(async () => {
  await log.close();
  await harness.close();
});

describe('replay as-of', () => {
  it('has a history with every status', () => {
    const types = new Set(logged.map(({ event }) => event.type));
    for (const type of [...LISTED, 'AccountRestricted', 'AccountRestrictionLifted'])
      expect(types).toContain(type);
    expect(logged.length).toBeGreaterThan(150);
    const times = logged.map(({ event }) => event.at);
    expect(times).not.toEqual(times.toSorted());
  });

  it(`equals an independent fold at ${INSTANTS} random moments (R9, R16, R19, R26, D1–D3, D5, D8)`, async () => {
    const first = Date.parse(logged.map(({ event }) => event.at).toSorted()[0]!);
    const last = Date.parse(
      logged
        .map(({ event }) => event.at)
        .toSorted()
        .at(-1)!,
    );
    const questions = Array.from({ length: INSTANTS }, (_, n) => {
      const choices = new ChoiceDecoder(random.safeInteger());
      const list = choices.pick(LISTS);
      const member = choices.pick(MEMBERS);
      if (n % 4 === 0) return { list, member, to: choices.pick(logged).position };
      return { list, member, until: new Date(first + choices.index(last - first + 2)).toISOString() };
    });
    let rowsSeen = 0;
    const ask = async ({ list, member, to, until }: (typeof questions)[number]) => {
      const moment = to === undefined ? { until } : { to: { commit: to, prepare: to } };
      const rows = await readListAsOf(log, moment, list, member);
      const counted = logged.filter(({ event, position }) =>
        to === undefined ? event.at <= until : position <= to,
      );
      const streams = Map.groupBy(counted, ({ account }) => account);
      const facts = new Map([...streams].map(([id, all]) => [id, all.map(({ event }) => event)]));
      const told = rows.map((row) => TELL[list](row as never)).toSorted();
      const wanted = MODEL[list]({ streams: facts }, member).toSorted();
      rowsSeen += wanted.length;
      expectEqual(told, wanted, { list, member, to, until });
    };
    for (let n = 0; n < questions.length; n += 10) await Promise.all(questions.slice(n, n + 10).map(ask));
    expect(rowsSeen).toBeGreaterThan(INSTANTS);
  });

  it('prints a list on the command line, newest first, as text and as JSON', async () => {
    const asked = ['as-of', '2030-01-01', 'sent', '--member', MEMBERS[0]!];
    const { code, out, err } = await harness.replay([...asked, '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { items, ...question } = JSON.parse(out) as { items: { sent_at: string }[] };
    expect(question).toEqual({ asOf: '2030-01-01', list: 'sent', member: MEMBERS[0] });
    expect(items).toEqual(
      await readListAsOf(log, { until: '2030-01-01T00:00:00.000Z' }, 'sent', MEMBERS[0]!),
    );
    const times = items.map(({ sent_at }) => sent_at);
    expect(times).toEqual(times.toSorted().toReversed());
    expect((await harness.replay(asked)).out.trim().split('\n')).toHaveLength(items.length);
    expect((await harness.replay(['as-of', '1', 'inbox', '--member', MEMBERS[0]!])).out).toBe('nothing\n');
  });

  it('exits with 2 for wrong usage', async () => {
    for (const [args, why] of [
      [['as-of', 'yesterday', 'inbox', '--member', 'amal'], 'yesterday is not a valid point in time'],
      [['as-of', '2030-01-01', 'outbox', '--member', 'amal'], 'there is no list outbox'],
      [['as-of', '2030-01-01', 'inbox'], '--member'],
    ] as const) {
      const { code, out, err } = await harness.replay(args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(why);
      expect(err.trim().split('\n')).toHaveLength(1);
    }
  });
});
