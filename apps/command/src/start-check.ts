import { Backoff, type Health, type Logger } from '#libs/platform';

interface StartCheck {
  /** The component of the readiness. */
  readonly component: string;
  readonly check: () => Promise<void>;
  /** The error of a check that found a problem. After any other error the check is tried again. */
  readonly failure: new (...args: never[]) => Error;
  /** For the operator, what could not be checked: `cannot …`. */
  readonly unchecked: string;
}

/**
 * Checks before the first command is decided. Waits for servers that do not respond: ending the process would not help.
 * @throws the error of a check that found a problem
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
