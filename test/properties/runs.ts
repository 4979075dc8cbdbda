import * as fc from 'fast-check';

/**
 * The number of histories for the decisions, and four times as many for each other property: few within `npm test`, a
 * hundred thousand with `npm test -- properties`.
 */
export const RUNS = Number(
  process.env['PROPERTY_RUNS'] ?? (process.env['TEST_TIER'] === 'short' ? 400 : 1000),
);

/** The seed in the output of a failure. If it is given here, the same history runs again. */
const { PROPERTY_SEED: seed, PROPERTY_PATH: path } = process.env;

/** More than enough for a hundred thousand histories on a busy machine. */
export const TIMEOUT_MS = 20 * 60_000;

/** Checks the property for a number of values. A failure names seed and path, and the smallest failing value. */
export function expectForAll<Value>(
  what: string,
  values: fc.Arbitrary<Value>,
  property: (value: Value) => void,
  numRuns = Math.ceil(RUNS / 4),
) {
  let runs = 0;
  const checked = fc.property(values, (value) => {
    property(value);
    runs += 1;
    if (numRuns >= 10_000 && runs % (numRuns / 10) === 0)
      process.stderr.write(`${what}: ${runs} of ${numRuns}\n`);
  });
  fc.assert(checked, {
    numRuns,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  });
}
