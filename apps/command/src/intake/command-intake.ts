import { accountOfCommand, TOPICS, type OutcomeCode } from '#libs/contracts';
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
    const outcomes = await this.outcomesOf(asked);
    await this.publish(asked, outcomes, poison);
  }

  /** D10: what has an outcome keeps it; the rest is decided. */
  private async outcomesOf(asked: readonly Asked[]): Promise<ReadonlyMap<string, StoredOutcome>> {
    if (asked.length === 0) return new Map();
    const firstOfId = new Map<string, Asked>();
    for (const one of asked) {
      const { commandId } = one.command;
      if (!firstOfId.has(commandId)) firstOfId.set(commandId, one);
    }
    const stored = await findOutcomes(this.pool, [...firstOfId.keys()]);
    for (const commandId of stored.keys()) firstOfId.delete(commandId);
    const decided = await this.decide([...firstOfId.values()]);
    return new Map([...stored, ...(await storeOutcomes(this.pool, decided, this.now().toISOString()))]);
  }

  private async decide(asked: readonly Asked[]): Promise<readonly StoredOutcome[]> {
    const at = this.now().toISOString();
    const recipients = await findRecipients(this.pool, recipientsIn(asked));
    const byAccount = Map.groupBy(asked, ({ command }) => accountOfCommand(command));
    const decided: StoredOutcome[] = [];
    await inParallel(ACCOUNTS_AT_ONCE, [...byAccount], async ([accountId, inOrder]) => {
      const commands = inOrder.map(({ command }) => toDomain(command, at, recipients));
      const refusals = await this.decider.carryOut(accountId, commands);
      inOrder.forEach(({ command: { commandId }, actorId }, index) => {
        const refusal = refusals[index];
        decided.push({ commandId, actorId, ...(refusal === undefined ? {} : { refusal }) });
      });
    });
    return decided;
  }

  private async publish(
    asked: readonly Asked[],
    outcomes: ReadonlyMap<string, StoredOutcome>,
    poison: readonly Poison[],
  ): Promise<void> {
    const at = this.now();
    const replies = asked.flatMap((one) =>
      [...one.replyTo].map((topic) => ({
        topic,
        commandId: one.command.commandId,
        code: answerTo(one, outcomes.get(one.command.commandId)!),
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
    try {
      await this.producer.send(outgoing);
    } catch (error) {
      this.replyTopics.forget();
      throw error;
    }
  }
}

/** The code of the outcome, unless that is another actor's: then this id cannot be used. */
function answerTo({ actorId }: Asked, outcome: StoredOutcome): OutcomeCode | undefined {
  return actorId === outcome.actorId ? (outcome.refusal as OutcomeCode | undefined) : 'INVALID_COMMAND';
}

function recipientsIn(asked: readonly Asked[]): string[] {
  return asked.flatMap(({ command }) =>
    command.type === 'invitations.send.v1' ? [command.data.recipientId] : [],
  );
}
