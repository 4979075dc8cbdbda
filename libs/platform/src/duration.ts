import { Transform } from 'class-transformer';
import { IsInt, Min, ValidateBy } from 'class-validator';
import { Duration } from 'luxon';

/**
 * Milliseconds of an ISO 8601 duration such as `P7D`, `PT5S` or `P1DT12H`.
 * Months and years are refused: their length depends on when one starts to count. So is what luxon would take beyond
 * that: signs, and a `P` or `PT` with nothing behind it.
 * @throws RangeError when it is no such duration
 */
export function durationMs(iso: string): number {
  const duration = Duration.fromISO(iso);
  if (!/^P[^-]*\d[^-]*$/.test(iso) || !duration.isValid || duration.years !== 0 || duration.months !== 0) {
    throw new RangeError(`${iso} is no ISO 8601 duration of weeks, days, hours, minutes and seconds`);
  }
  return duration.toMillis();
}

/** A configuration property that is written as an ISO 8601 duration and read as milliseconds. */
export function IsDuration(): PropertyDecorator {
  const message = '$property must be an ISO 8601 duration, e.g. P7D or PT5S';
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parsed(value) : value))(
      target,
      property,
    );
    IsInt({ message })(target, property);
    Min(0, { message })(target, property);
  };
}

/** Several durations, comma separated, each longer than the one before; `none` for none. Read as milliseconds. */
export function IsDurations(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parsedList(value) : value))(
      target,
      property,
    );
    ValidateBy({
      name: 'isDurations',
      validator: {
        validate: (value: unknown) => Array.isArray(value) && value.every(isLongerThanTheOneBefore),
        defaultMessage: () => '$property must be ascending ISO 8601 durations, e.g. P7D,P14D,P21D, or none',
      },
    })(target, property);
  };
}

const parsedList = (text: string) =>
  text === 'none' ? [] : text.split(',').map((one) => parsed(one.trim()));

const isLongerThanTheOneBefore = (ms: number, index: number, all: number[]) =>
  Number.isInteger(ms) && ms > (all[index - 1] ?? -1);

function parsed(iso: string): number {
  try {
    return durationMs(iso);
  } catch {
    return Number.NaN;
  }
}
