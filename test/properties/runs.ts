import * as fc from 'fast-check';

/**
 * Histories that the decisions are checked with, and four times those of each property that follows: few within
 * `npm test`, a hundred thousand by `npm run test:properties`.
 */
export const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 1000);

/** What a failure prints; given here, that one history is run again. */
const { PROPERTY_SEED: seed, PROPERTY_PATH: path } = process.env;

/** More than enough for a hundred thousand histories on a busy machine. */
export const TIMEOUT_MS = 20 * 60_000;

/** Checks the property for that many values. A failure names seed and path, and the smallest value found to fail. */
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
