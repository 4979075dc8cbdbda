import {
  accountOfCommand,
  cloudEventHeaders,
  TOPICS,
  type CommandMessage,
  type CommandOutcome,
} from '#libs/contracts';
import type { Outgoing, Producer } from '#libs/kafka';
import { unavailable } from '../http/problem.js';
import { CommandChannel } from './command-channel.js';
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
  ) {
    super();
  }

  async ask(command: CommandMessage): Promise<CommandOutcome | undefined> {
    if (this.pending.size >= MOST_PENDING)
      throw unavailable(new Error('too many commands wait for an outcome'));
    const waiting = this.pending.wait(command.commandId, this.settings.timeoutMs);
    try {
      return await this.outcomeOf(command, waiting.outcome);
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
    };
  }
}
