import { InvalidData } from '#libs/contracts';

/**
 * An event's time as PostgreSQL reads it: ISO 8601 knows more forms and years than that.
 * @throws InvalidData
 */
export function instantOf(at: string): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime()) || !/^[1-9]\d{3}-/.test(time.toISOString())) {
    throw new InvalidData(['at must be an instant of a four-digit year']);
  }
  return time.toISOString();
}
