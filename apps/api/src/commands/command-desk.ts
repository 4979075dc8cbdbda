import { Inject, Injectable } from '@nestjs/common';
import {
  actorOfCommand,
  correlationOfCommand,
  type CommandMessage,
  type CommandOutcome,
} from '#libs/contracts';
import type { Logger, Queryable } from '#libs/platform';
import { tooMany } from '../http/problem.js';
import { SharedLimits, type Charge } from '../limits/shared-limits.js';
import { DATABASE, LOGGER } from '../tokens.js';
import { CommandChannel } from './command-channel.js';
import { storedOutcome } from './stored-outcome.js';

/** Takes commands and tells what became of them. */
@Injectable()
export class CommandDesk {
  constructor(
    private readonly channel: CommandChannel,
    private readonly limits: SharedLimits,
    @Inject(DATABASE) private readonly db: Queryable,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * The command's outcome; undefined when it is not known yet. One that did not come in time may have been stored.
   * @throws Problem 429 when there are too many, unless it is one that was decided; its id stays good for a later try
   * @throws Problem 503 when the command could not be handed over
   */
  async carryOut(command: CommandMessage): Promise<CommandOutcome | undefined> {
    const charge = await this.limits.charge(command);
    if (typeof charge !== 'number') return this.publish(command, charge);
    const decided = await this.stored(command);
    if (decided === undefined) throw tooMany(charge);
    return decided;
  }

  private async publish(command: CommandMessage, charge: Charge): Promise<CommandOutcome | undefined> {
    try {
      const outcome = (await this.channel.ask(command)) ?? (await this.stored(command));
      const { commandId } = command;
      const correlationId = correlationOfCommand(command);
      this.logger.debug({ commandId, correlationId, isKnown: outcome !== undefined }, 'command handed over');
      // While it is not known how a guess ended, it counts as wrong.
      if (outcome !== undefined && outcome.code !== 'EMAIL_REQUIRED')
        await this.limits.giveBack(charge.guesses);
      return outcome;
    } catch (error) {
      // An outage is nobody's fault, and its caller is told to try again.
      await this.limits.giveBack(charge.all);
      throw error;
    }
  }

  private stored(command: CommandMessage): Promise<CommandOutcome | undefined> {
    return storedOutcome(this.db, command.commandId, actorOfCommand(command));
  }
}
