import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { Duration } from 'luxon';

/**
 * Converts an ISO 8601 duration such as `P7D`, `PT5S` or `P1DT12H` to milliseconds.
 * Months and years are rejected, because their length varies. So are forms that luxon accepts beyond ISO 8601: signs, and
 * `P` or `PT` alone.
 * @throws RangeError
 */
export function parseDurationMs(iso: string): number {
  const duration = Duration.fromISO(iso);
  if (!/^P[^-]*\d[^-]*$/.test(iso) || !duration.isValid || duration.years !== 0 || duration.months !== 0) {
    throw new RangeError(`${iso} is not an ISO 8601 duration of weeks, days, hours, minutes and seconds`);
  }
  return duration.toMillis();
}

/** A century: dates that far away can still be stored, and shown. */
const LONGEST = 'P36500D';

/** The longest time for which a server is waited for. Timers of Node end at once if they are longer than 24.8 days. */
export const LONGEST_TIMEOUT = 'P1D';

/** Both as ISO 8601 durations, inclusive. */
export interface DurationLimits {
  readonly atLeast?: string;
  readonly atMost?: string;
}

/** Validates an ISO 8601 duration and converts it to milliseconds. By default it is a century at most. */
export const IsDuration = (limits: DurationLimits = {}): PropertyDecorator =>
  isDurationWithin(limits, 'e.g. P7D or PT5S', (text) => parseOrNaN(text));

/** Validates an ISO 8601 duration, or `none`, and converts it to milliseconds: `none` is 0. */
export const IsDurationOrNone = (): PropertyDecorator =>
  isDurationWithin({}, 'e.g. P180D, or none', (text) => (text === 'none' ? 0 : parseOrNaN(text)));

function isDurationWithin(
  { atLeast, atMost = LONGEST }: DurationLimits,
  examples: string,
  parse: (text: string) => number,
): PropertyDecorator {
  const shortestMs = atLeast === undefined ? 0 : parseDurationMs(atLeast);
  const longestMs = parseDurationMs(atMost);
  const lower = atLeast === undefined ? '' : ` of at least ${atLeast}`;
  const upper = `${lower === '' ? ' of' : ' and'} at most ${atMost}`;
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parse(value) : value))(
      target,
      property,
    );
    ValidateBy({
      name: 'isDuration',
      validator: {
        validate: (value: unknown) =>
          Number.isInteger(value) && (value as number) >= shortestMs && (value as number) <= longestMs,
        defaultMessage: () => `$property must be an ISO 8601 duration${lower}${upper}, ${examples}`,
      },
    })(target, property);
  };
}

/** Validates comma separated, ascending ISO 8601 durations, or `none`, and converts them to milliseconds. */
export function IsDurations(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parseList(value) : value))(
      target,
      property,
    );
    ValidateBy({
      name: 'isDurations',
      validator: {
        validate: (value: unknown) => Array.isArray(value) && value.every(isLongerThanPrevious),
        defaultMessage: () =>
          `$property must be ascending ISO 8601 durations of at most ${LONGEST}, e.g. P7D,P14D,P21D, or none`,
      },
    })(target, property);
  };
}

const parseList = (text: string) =>
  text === 'none' ? [] : text.split(',').map((one) => parseOrNaN(one.trim()));

const isLongerThanPrevious = (ms: number, index: number, all: number[]) =>
  Number.isInteger(ms) && ms > (all[index - 1] ?? -1) && ms <= parseDurationMs(LONGEST);

function parseOrNaN(iso: string): number {
  try {
    return parseDurationMs(iso);
  } catch {
    return Number.NaN;
  }
}
