import type { CommandMessage, CommandOutcome } from '#libs/contracts';

/** The way to whoever decides about commands. */
export abstract class CommandChannel {
  /**
   * Publishes a command and waits for its outcome; undefined when none came in time.
   * @throws Problem 503 when the command could not be handed over for sure; it is safe to send it again
   */
  abstract ask(command: CommandMessage): Promise<CommandOutcome | undefined>;
}
