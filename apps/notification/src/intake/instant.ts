import { InvalidData } from '#libs/contracts';

/**
 * A time in an event as PostgreSQL reads it: ISO 8601 knows more forms and years than that.
 * @throws InvalidData
 */
export function instantOf(text: string, field: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || !/^[1-9]\d{3}-/.test(time.toISOString())) {
    throw new InvalidData([`${field} must be an instant of a four-digit year`]);
  }
  return time.toISOString();
}
