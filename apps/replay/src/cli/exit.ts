/** What was asked for cannot be: an option that contradicts another, say. Commander's own complaints end alike. */
export class WrongUsage extends Error {}

/** Why it cannot be done, in one line for a person to read. */
export class Refused extends Error {}

/** 0 for help, 2 for wrong usage, 1 and one line for everything else. */
export function endWith(error: unknown): void {
  if (isCommanders(error)) {
    // It has been said already.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  process.stderr.write(`replay: ${messageOf(error)}\n`);
  process.exitCode = error instanceof WrongUsage ? 2 : 1;
}

/** By its code: nest-commander brings a commander of its own. */
const isCommanders = (error: unknown): error is Error & { exitCode: number } =>
  error instanceof Error && String((error as { code?: unknown }).code).startsWith('commander.');

/** Of several addresses that cannot be reached, pg makes an error without a text. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
