import { Inject, Injectable } from '@nestjs/common';
import { correlationOfCommand, type CommandMessage, type CommandOutcome } from '#libs/contracts';
import type { Logger, Queryable } from '#libs/platform';
import { LOGGER, POOL } from '#libs/service';
import { tooManyRequests } from '../http/problem.js';
import { DistributedRateLimiter, type ConsumedTokens } from '../rate-limits/distributed-rate-limiter.js';
import { CommandChannel } from './kafka-command-channel.js';
import { idTakenOutcome, findStoredCommand } from './stored-command.query.js';

/** Executes commands for HTTP requests: rate limits, publication, and the outcome. */
@Injectable()
export class CommandGateway {
  constructor(
    private readonly channel: CommandChannel,
    private readonly limits: DistributedRateLimiter,
    @Inject(POOL) private readonly db: Queryable,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Publishes a command and returns its outcome; undefined when it is not known yet. A command that timed out may
   * still be stored.
   * @throws ProblemError 429 when there are too many, unless the command was decided before; its id remains valid for
   * a later try
   * @throws ProblemError 503 when the command could not be published
   */
  async execute(command: CommandMessage): Promise<CommandOutcome | undefined> {
    const consumed = await this.limits.consume(command);
    if (typeof consumed !== 'number') return this.publish(command, consumed);
    const stored = await findStoredCommand(this.db, command);
    if (stored.state === 'decided') return stored.outcome;
    if (stored.state === 'taken' && stored.isOwn) return idTakenOutcome(command.commandId);
    throw tooManyRequests(consumed);
  }

  private async publish(
    command: CommandMessage,
    consumed: ConsumedTokens,
  ): Promise<CommandOutcome | undefined> {
    try {
      const outcome = await this.resolveOutcome(command, await this.channel.send(command));
      const { commandId } = command;
      const correlationId = correlationOfCommand(command);
      this.logger.debug({ commandId, correlationId, isKnown: outcome !== undefined }, 'command published');
      // Until the outcome is known, the entered address counts as wrong.
      if (outcome !== undefined && outcome.code !== 'EMAIL_REQUIRED')
        await this.limits.refund(consumed.guesses);
      if (outcome?.outcome !== 'refused') await this.limits.refund(consumed.refusals);
      return outcome;
    } catch (error) {
      // An outage is not the member's fault, and the response tells the caller to try again.
      await this.limits.refund(consumed.all);
      throw error;
    }
  }

  /**
   * Prefers the stored outcome. A received outcome may belong to another command with the same id, whose request has
   * ended; the message does not say which.
   */
  private async resolveOutcome(
    command: CommandMessage,
    received: CommandOutcome | undefined,
  ): Promise<CommandOutcome | undefined> {
    const stored = await findStoredCommand(this.db, command);
    if (stored.state === 'decided') return stored.outcome;
    if (stored.state === 'taken') return idTakenOutcome(command.commandId);
    return stored.state === 'claimed' ? undefined : received;
  }
}
