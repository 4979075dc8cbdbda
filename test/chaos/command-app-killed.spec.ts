import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { collect, type Evidence } from './evidence.js';
import { disturbed, undisturbed, type Kill } from './runs.js';
import { Servers } from '../command/support/servers.js';
import { workload } from './workload.js';

/** `npm run test:chaos` sets these to what the service was promised to stand. */
const COMMANDS = Number(process.env['CHAOS_COMMANDS'] ?? 2_000);
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 6);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const times = (count: number, what: Iterable<string>) => new Map([...what].map((one) => [one, count]));
const countOf = (names: readonly string[]) => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

/** The seed is in the name, so that a failure shows it: CHAOS_SEED=… runs the same again, but for the moments of kills. */
describe(`${KILLS} times kill -9 of the command app in ${COMMANDS} commands (CHAOS_SEED=${SEED})`, () => {
  const work = workload(SEED, COMMANDS);
  let calm: Evidence;
  let after: Evidence | undefined;
  let kills: readonly Kill[];
  let exits: readonly unknown[];

  beforeAll(async () => {
    const servers = await Servers.start();
    try {
      await undisturbed(servers, work);
      calm = await collect(servers);
    } finally {
      await servers.stop();
    }
  });

  beforeAll(
    async () => {
      const servers = await Servers.start();
      try {
        ({ kills, exits } = await disturbed(servers, work, KILLS, SEED));
        after = await collect(servers);
      } finally {
        await servers.stop();
      }
    },
    60_000 + KILLS * 20_000,
  );

  afterAll(() => {
    if (after === undefined) return;
    const hits = kills.filter((kill) => halfDone(kill) > 0).length;
    const repeated = [...after.replies.values()].filter((answers) => answers.length > 1).length;
    process.stdout.write(
      `${KILLS} kills, ${hits} between an effect and its commit; ${work.valid.size} commands, ${work.poison.length} poison, ${repeated} commands answered more than once\n`,
    );
  });

  /** Commands that were carried out and not committed when the app was killed. */
  const halfDone = ({ committed, carriedOut }: Kill) =>
    carriedOut.filter((id) => {
      const place = after!.places.get(id)!;
      return place.offset >= (committed.get(place.partition) ?? 0n);
    }).length;

  it('kills in the middle of work', () => {
    expect(kills).toHaveLength(KILLS);
    for (const { progress } of kills) expect(progress).toBeGreaterThan(0);
    const hits = kills.filter((kill) => halfDone(kill) > 0);
    expect(hits.length).toBeGreaterThanOrEqual(KILLS / 3);
  });

  it('D10: every valid command has exactly one outcome, that of an undisturbed run', () => {
    expect(new Set(after!.outcomes.keys())).toEqual(work.valid);
    expect(after!.outcomes).toEqual(calm.outcomes);
  });

  it('D10: and is answered at least once, always with this outcome; poison is refused', () => {
    for (const id of work.valid) {
      expect([id, ...new Set(after!.replies.get(id))]).toEqual([id, after!.outcomes.get(id)]);
    }
    const strangers = [...after!.replies].filter(([id]) => !work.valid.has(id));
    for (const [id, codes] of strangers) {
      expect([work.poison.includes(id), ...new Set(codes)]).toEqual([true, 'INVALID_COMMAND']);
    }
  });

  it('D10: every command has one effect: the accounts are those of an undisturbed run', () => {
    expect(new Set(after!.eventIds).size).toBe(after!.eventIds.length);
    expect([...after!.streams.keys()].toSorted()).toEqual([...calm.streams.keys()].toSorted());
    for (const [stream, events] of calm.streams)
      expect([stream, after!.streams.get(stream)]).toEqual([stream, events]);
  });

  it('all poison is in the dead-letter topic, each once', () => {
    expect(countOf(after!.deadLetters)).toEqual(times(1, work.poison));
    expect(countOf(calm.deadLetters)).toEqual(times(1, work.poison));
  });

  it('an app that is asked to stop ends in good order', () => {
    expect(exits).toEqual(exits.map(() => 0));
  });
});
