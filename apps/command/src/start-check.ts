import { Backoff, type Health, type Logger } from '#libs/platform';

interface StartCheck {
  /** The component of the readiness. */
  readonly component: string;
  readonly check: () => Promise<void>;
  /** What a check that was made throws. Any other error means that it could not be made. */
  readonly failure: new (...args: never[]) => Error;
  /** What cannot be checked, for the operator. */
  readonly unchecked: string;
}

/**
 * Checks before the first command is decided. Waits for servers that do not respond: ending the process would not help.
 * @throws the failure
 */
export async function waitForStartCheck(
  { component, check, failure, unchecked }: StartCheck,
  health: Health,
  logger: Logger,
): Promise<void> {
  const detail = `${unchecked}; no commands are processed until it can`;
  const backoff = new Backoff(200, 5_000);
  for (;;) {
    try {
      await check();
      return health.set(component, true);
    } catch (error) {
      if (error instanceof failure) throw error;
      health.set(component, false, detail);
      logger.warn({ err: error }, detail);
    }
    await backoff.wait();
  }
}
