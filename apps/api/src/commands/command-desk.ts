import { Inject, Injectable } from '@nestjs/common';
import { actorOfCommand, type CommandMessage, type CommandOutcome } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { DATABASE } from '../tokens.js';
import { CommandChannel } from './command-channel.js';
import { storedOutcome } from './stored-outcome.js';

/** Takes commands and tells what became of them. */
@Injectable()
export class CommandDesk {
  constructor(
    private readonly channel: CommandChannel,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  /**
   * The command's outcome; undefined when it is not known yet. One that did not come in time may have been stored.
   * @throws Problem 503 when the command could not be handed over
   */
  async carryOut(command: CommandMessage): Promise<CommandOutcome | undefined> {
    const outcome = await this.channel.ask(command);
    return outcome ?? storedOutcome(this.db, command.commandId, actorOfCommand(command));
  }
}
