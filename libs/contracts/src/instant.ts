import { ValidateBy } from 'class-validator';

/** RFC 3339 in UTC. */
export const INSTANT =
  /^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;

/** An instant that the calendar knows, written in the one form that everybody reads alike. */
export const IsInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    constraints: [INSTANT],
    validator: {
      validate: (value: unknown) => typeof value === 'string' && INSTANT.test(value) && isInCalendar(value),
      defaultMessage: () => '$property must be an instant in UTC',
    },
  });

/** JavaScript turns 31 February into a day of March. */
function isInCalendar(instant: string): boolean {
  const time = Date.parse(instant);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === instant.slice(0, 10);
}
