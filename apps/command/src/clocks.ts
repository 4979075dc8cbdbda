import { checkClocks, readClocks, type WritingClient } from '#libs/event-store';
import { Backoff, type Health, type Logger } from '#libs/platform';

const PART = 'event-store:clock';

/**
 * Compares the event store's clock with ours before any command is taken. A store that does not answer is waited for:
 * an app that ended instead would not be any nearer to its work.
 * @throws when the clocks disagree by more than appends stand
 */
export async function untilClocksAgree(
  client: WritingClient,
  health: Health,
  now: () => number,
  logger: Logger,
): Promise<void> {
  const backoff = new Backoff(200, 5_000);
  for (;;) {
    const reading = await client
      .use((connection) => readClocks(connection, now))
      .catch((error: unknown) => {
        const detail =
          'the event store at EVENTSTORE_URL does not answer; no command is taken before it does';
        health.set(PART, false, detail);
        logger.warn({ err: error }, detail);
      });
    if (reading !== undefined) {
      logger.info(reading, 'clocks compared with the event store');
      checkClocks(reading);
      return health.set(PART, true);
    }
    await backoff.wait();
  }
}
