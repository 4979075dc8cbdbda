import {
  accountOfCommand,
  actorOfCommand,
  cloudEventHeaders,
  correlationOfCommand,
  TOPICS,
  type CommandMessage,
  type CommandOutcome,
} from '#libs/contracts';
import type { Outgoing, Producer } from '#libs/kafka';
import { unavailable } from '../http/problem.js';
import { CommandChannel } from './command-channel.js';
import type { ChannelMetrics } from './channel-metrics.js';
import type { PendingOutcomes } from './pending-outcomes.js';

/** More than that many commands without an outcome mean that nobody decides: new ones are turned away at once. */
const MOST_PENDING = 10_000;

export interface ChannelSettings {
  /** The topic on which this instance learns outcomes. */
  readonly replyTo: string;
  /** How long a command's outcome is waited for, in milliseconds. */
  readonly timeoutMs: number;
}

/** Commands as any other service sends them: over Kafka, with the outcome on a topic of this instance. */
export class KafkaCommandChannel extends CommandChannel {
  constructor(
    private readonly producer: Pick<Producer, 'send'>,
    private readonly pending: PendingOutcomes,
    private readonly settings: ChannelSettings,
    private readonly metrics?: ChannelMetrics,
  ) {
    super();
  }

  async ask(command: CommandMessage): Promise<CommandOutcome | undefined> {
    if (this.pending.size >= MOST_PENDING)
      throw unavailable(new Error('too many commands wait for an outcome'));
    const { commandId } = command;
    const waiting = this.pending.wait(commandId, actorOfCommand(command), this.settings.timeoutMs);
    // As the command app has it: an id that somebody else uses is none.
    if (waiting === undefined) return { commandId, outcome: 'refused', code: 'INVALID_COMMAND' };
    const end = this.metrics?.begin();
    try {
      const outcome = await this.outcomeOf(command, waiting.outcome);
      end?.(outcome === undefined ? 'late' : 'known');
      return outcome;
    } catch (error) {
      end?.('failed');
      throw error;
    } finally {
      waiting.cancel();
    }
  }

  private async outcomeOf(
    command: CommandMessage,
    outcome: Promise<CommandOutcome | undefined>,
  ): Promise<CommandOutcome | undefined> {
    let confirmed = false;
    const published = this.producer.send([this.messageOf(command)]).then(
      () => {
        confirmed = true;
      },
      (error: unknown) => {
        throw unavailable(error);
      },
    );
    const known = await Promise.race([outcome, published.then(() => outcome)]);
    if (known === undefined && !confirmed)
      throw unavailable(new Error('Kafka did not confirm the command in time'));
    return known;
  }

  private messageOf(command: CommandMessage): Outgoing {
    const { type, commandId: id, data } = command;
    return {
      topic: TOPICS.commands,
      key: accountOfCommand(command),
      value: JSON.stringify(data),
      headers: {
        ...cloudEventHeaders({ id, type, source: '/invitations/api', time: new Date().toISOString() }),
        'reply-to': this.settings.replyTo,
      },
      // A trace begins here: what a member's browser says of one is not passed on to other services.
      trace: {
        attributes: {
          'invitations.command_id': id,
          'invitations.correlation_id': correlationOfCommand(command),
        },
      },
    };
  }
}
