import { Transform } from 'class-transformer';
import { IsInt, Min } from 'class-validator';
import { Duration } from 'luxon';

/**
 * Milliseconds of an ISO 8601 duration such as `P7D`, `PT5S` or `P1DT12H`.
 * Months and years are refused: their length depends on when one starts to count.
 * @throws RangeError when it is no such duration
 */
export function durationMs(iso: string): number {
  const duration = Duration.fromISO(iso);
  if (!duration.isValid || duration.years !== 0 || duration.months !== 0) {
    throw new RangeError(`${iso} is no ISO 8601 duration of weeks, days, hours, minutes and seconds`);
  }
  return duration.toMillis();
}

/** A configuration property that is written as an ISO 8601 duration and read as milliseconds. */
export function IsDuration(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parsed(value) : value))(
      target,
      property,
    );
    const message = '$property must be an ISO 8601 duration, e.g. P7D or PT5S';
    IsInt({ message })(target, property);
    Min(0, { message })(target, property);
  };
}

function parsed(iso: string): number {
  try {
    return durationMs(iso);
  } catch {
    return Number.NaN;
  }
}
