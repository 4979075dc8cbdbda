import {
  accountOfCommand,
  actorOfCommand,
  TOPICS,
  type CommandMessage,
  type OutcomeCode,
} from '#libs/contracts';
import type { Command } from '#libs/invitation';
import { deadLetter, type Incoming, type Outgoing, type Producer } from '#libs/kafka';
import type { Logger, Pool } from '#libs/platform';
import { findOutcomes, findRecipients, storeOutcomes, type StoredOutcome } from '#libs/read-models';
import type { AccountDecider } from '../deciding/account-decider.js';
import { toDomain } from '../deciding/to-domain.js';
import { outcomeMessage } from '../outcomes/outcome-message.js';
import type { ReplyTopics } from '../outcomes/reply-topics.js';
import { inParallel } from './in-parallel.js';
import { sortMessages, type Asked, type Poison } from './sort-messages.js';

/** Accounts that are decided side by side; more only lengthens the event store's queue. */
const ACCOUNTS_AT_ONCE = 64;

/**
 * What becomes of a chunk of messages, in an order that a crash anywhere leaves right: events are appended, then
 * outcomes stored, then replies and dead letters published, and only then may offsets be committed. Whatever is done
 * twice is recognised: events by their command's id in the stream, outcomes by theirs.
 */
export class CommandIntake {
  constructor(
    private readonly decider: AccountDecider,
    private readonly pool: Pool,
    private readonly producer: Producer,
    private readonly replyTopics: ReplyTopics,
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  async handle(messages: readonly Incoming[]): Promise<void> {
    const { asked, poison } = sortMessages(messages);
    const outcomes = await this.outcomesOf([...asked.values()].map(({ command }) => command));
    await this.publish(asked, outcomes, poison);
  }

  /** D10: what has an outcome keeps it; the rest is decided. */
  private async outcomesOf(commands: readonly CommandMessage[]): Promise<ReadonlyMap<string, StoredOutcome>> {
    if (commands.length === 0) return new Map();
    const stored = await findOutcomes(
      this.pool,
      commands.map(({ commandId }) => commandId),
    );
    const decided = await this.decide(commands.filter(({ commandId }) => !stored.has(commandId)));
    return new Map([...stored, ...(await storeOutcomes(this.pool, decided, this.now().toISOString()))]);
  }

  private async decide(commands: readonly CommandMessage[]): Promise<readonly StoredOutcome[]> {
    const at = this.now().toISOString();
    const recipients = await findRecipients(this.pool, recipientsIn(commands));
    const byAccount = Map.groupBy(commands, accountOfCommand);
    const decided: StoredOutcome[] = [];
    await inParallel(ACCOUNTS_AT_ONCE, [...byAccount], async ([accountId, asked]) => {
      const inOrder: Command[] = asked.map((command) => toDomain(command, at, recipients));
      const refusals = await this.decider.carryOut(accountId, inOrder);
      asked.forEach((command, index) => {
        const refusal = refusals[index];
        const actorId = actorOfCommand(command);
        decided.push({
          commandId: command.commandId,
          actorId,
          ...(refusal === undefined ? {} : { refusal }),
        });
      });
    });
    return decided;
  }

  private async publish(
    asked: ReadonlyMap<string, Asked>,
    outcomes: ReadonlyMap<string, StoredOutcome>,
    poison: readonly Poison[],
  ): Promise<void> {
    const at = this.now();
    const replies = [...asked.values()].flatMap(({ command: { commandId }, replyTo }) =>
      [...replyTo].map((topic) => ({
        topic,
        commandId,
        code: outcomes.get(commandId)?.refusal as OutcomeCode,
      })),
    );
    for (const { commandId, replyTo: topic } of poison) {
      if (commandId !== undefined && topic !== undefined)
        replies.push({ topic, commandId, code: 'INVALID_COMMAND' });
    }
    const usable = await this.replyTopics.usable(new Set(replies.map(({ topic }) => topic)));
    const outgoing: Outgoing[] = poison.map(({ message, reason }) => {
      const { topic, partition, offset } = message;
      this.logger.warn({ topic, partition, offset, reason }, 'no valid command: to the dead-letter topic');
      return deadLetter(message, TOPICS.deadLetters, reason, at);
    });
    for (const { topic, commandId, code } of replies) {
      if (usable.has(topic)) outgoing.push(outcomeMessage(topic, commandId, code, at.toISOString()));
    }
    await this.producer.send(outgoing);
  }
}

function recipientsIn(commands: readonly CommandMessage[]): string[] {
  return commands.flatMap((command) =>
    command.type === 'invitations.send.v1' ? [command.data.recipientId] : [],
  );
}
