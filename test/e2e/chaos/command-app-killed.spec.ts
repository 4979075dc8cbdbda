import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { collect, type Evidence } from './evidence.js';
import { runWithKills, runBaseline, type Kill } from './runs.js';
import { Servers } from '../../integration/command/support/servers.js';
import { workload } from './workload.js';

/** `npm test -- chaos` sets these to the promised numbers. */
const COMMANDS = Number(process.env['CHAOS_COMMANDS'] ?? 2_000);
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 6);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const times = (count: number, what: Iterable<string>) => new Map([...what].map((one) => [one, count]));
const countOf = (names: readonly string[]) => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};

/**
 * The seed is in the title, so that a failure shows it. CHAOS_SEED=… repeats the run, except for the exact times of the
 * kills.
 */
describe(`the command app after ${KILLS} times kill -9 in ${COMMANDS} commands (CHAOS_SEED=${SEED})`, () => {
  const work = workload(SEED, COMMANDS);
  let baseline: Evidence;
  let after: Evidence | undefined;
  let kills: readonly Kill[];
  let exits: readonly unknown[];

  beforeAll(async () => {
    const servers = await Servers.start();
    try {
      await runBaseline(servers, work);
      baseline = await collect(servers);
    } finally {
      await servers.stop();
    }
  });

  beforeAll(
    async () => {
      const servers = await Servers.start();
      try {
        ({ kills, exits } = await runWithKills(servers, work, KILLS, SEED));
        after = await collect(servers);
      } finally {
        await servers.stop();
      }
    },
    // Each wait has a limit of its own. This one is for what hangs.
    300_000 + KILLS * 60_000,
  );

  afterAll(() => {
    if (after === undefined) return;
    const hits = kills.filter((kill) => halfDone(kill) > 0).length;
    const repeated = [...after.replies.values()].filter((answers) => answers.length > 1).length;
    process.stdout.write(
      `${KILLS} kills, ${hits} between an effect and its commit; ${work.valid.size} commands, ${work.invalid.length} invalid, ${repeated} commands answered more than once\n`,
    );
  });

  /** Returns the commands that were processed but not committed when the app was killed. */
  const halfDone = ({ committed, carriedOut }: Kill) =>
    carriedOut.filter((id) => {
      const place = after!.places.get(id)!;
      return place.offset >= (committed.get(place.partition) ?? 0n);
    }).length;

  it('was killed in the middle of work in at least every third case', () => {
    expect(kills).toHaveLength(KILLS);
    for (const { progress } of kills) expect(progress).toBeGreaterThan(0);
    const hits = kills.filter((kill) => halfDone(kill) > 0);
    expect(hits.length).toBeGreaterThanOrEqual(KILLS / 3);
  });

  it('stored exactly one outcome for every valid command, the same as in the baseline run (D10)', () => {
    expect(new Set(after!.outcomes.keys())).toEqual(work.valid);
    expect(after!.outcomes).toEqual(baseline.outcomes);
  });

  it('published every outcome at least once and no other, and refused invalid messages (D10)', () => {
    for (const id of work.valid) {
      expect([id, ...new Set(after!.replies.get(id))]).toEqual([id, after!.outcomes.get(id)]);
    }
    const strangers = [...after!.replies].filter(([id]) => !work.valid.has(id));
    // A message without an id is answered under its offset.
    const byOffset = new RegExp(`^${TOPICS.commands}/\\d+@\\d+$`);
    for (const [id, codes] of strangers) {
      const isInvalid = work.invalid.includes(id) || byOffset.test(id);
      expect([id, isInvalid, ...new Set(codes)]).toEqual([id, true, 'INVALID_COMMAND']);
    }
  });

  it('refused commands that reuse an id with other data (D10)', () => {
    expect(after!.taken).toEqual(work.reused);
    expect(baseline.taken).toEqual(work.reused);
  });

  it('gave every command one effect: the accounts equal those of the baseline run (D10)', () => {
    expect(new Set(after!.eventIds).size).toBe(after!.eventIds.length);
    expect([...after!.streams.keys()].toSorted()).toEqual([...baseline.streams.keys()].toSorted());
    for (const [stream, events] of baseline.streams)
      expect([stream, after!.streams.get(stream)]).toEqual([stream, events]);
  });

  it('published every invalid message to the dead-letter topic once', () => {
    expect(countOf(after!.deadLetters)).toEqual(times(1, work.invalid));
    expect(countOf(baseline.deadLetters)).toEqual(times(1, work.invalid));
  });

  it('exits 0 after SIGTERM', () => {
    expect(exits).toEqual(exits.map(() => 0));
  });
});
