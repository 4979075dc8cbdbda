import { describe, expect, it } from '@jest/globals';
import { TOLERATED_SKEW_MS } from '#libs/event-store';
import { sending } from '../support/command-messages.js';
import { id } from '../support/story.js';
import { SeededRandom } from '../support/seeded-random.js';
import { Interleaving, REPLIES } from './interleaving.js';
import { RUNS, TIMEOUT_MS } from './runs.js';

const FIRST = Number(process.env['PROPERTY_SEED'] ?? 1);

/** One id with three contents on two accounts, and another command that changes the account in between. */
const ONE = [
  sending(1, REPLIES, 'amal', 'bilal'),
  sending(1, REPLIES, 'chiara', 'bilal'),
  sending(1, REPLIES, 'amal', 'dalia'),
] as const;
const BETWEEN = sending(2, REPLIES, 'amal', 'emil');

describe('command apps that are paused and killed between any two operations', () => {
  it(
    'carry out one content of each id once and store that outcome, and refused commands have no effect (D10)',
    async () => {
      const total = { takeovers: 0, lost: 0, lateAppends: 0, crashes: 0, refused: 0, accepted: 0 };
      for (let seed = FIRST; seed < FIRST + Math.ceil(RUNS / 4); seed += 1) {
        const { counts, isRefused } = await check(seed);
        for (const name of ['takeovers', 'lost', 'lateAppends', 'crashes'] as const)
          total[name] += counts[name];
        total[isRefused ? 'refused' : 'accepted'] += 1;
      }
      // Every kind of event that the property is about has occurred.
      for (const [what, times] of Object.entries(total)) expect([what, times > 0]).toEqual([what, true]);
    },
    TIMEOUT_MS,
  );
});

async function check(seed: number) {
  const seeded = new SeededRandom(seed);
  const random = () => seeded.next();
  const interleaving = new Interleaving(random, TOLERATED_SKEW_MS);
  const processes = 2 + Math.floor(random() * 3);
  for (let n = 0; n < processes; n += 1) {
    const messages = ONE.filter(() => random() < 0.5);
    if (random() < 0.5) messages.push(BETWEEN);
    interleaving.start(messages.toSorted(() => random() - 0.5));
  }
  await interleaving.run(true);
  interleaving.isCalm = true;
  interleaving.start([...ONE, BETWEEN]);
  await interleaving.run(false);
  for (const command of [id(1), id(2)]) {
    const events = [...interleaving.streams].flatMap(([account, all]) =>
      all.filter(({ commandId }) => commandId === command).map((event) => ({ account, event })),
    );
    const outcome = interleaving.claims.outcomes.get(command)!;
    const named = interleaving.claims.claims.get(command)!.content;
    // The effect is that of the claimed content, and exists if and only if the command was accepted.
    expect([seed, command, events.map(({ account }) => account)]).toEqual([
      seed,
      command,
      outcome.refusal === undefined ? [named.accountId] : [],
    ]);
    // Everybody received the same result: the outcome, or that the id belongs to another command.
    const answers = interleaving.published.filter(({ key }) => key === command).map(({ value }) => value);
    const said = answers
      .filter(({ reason }) => reason === undefined)
      .map(({ outcome, code }) => code ?? outcome);
    expect([seed, command, ...new Set(said)]).toEqual([seed, command, outcome.refusal ?? 'accepted']);
  }
  return {
    counts: interleaving.counts,
    isRefused: interleaving.claims.outcomes.get(id(1))!.refusal !== undefined,
  };
}
