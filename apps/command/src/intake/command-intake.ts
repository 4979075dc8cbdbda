import { accountOfCommand, correlationOfCommand, TOPICS, type OutcomeCode } from '#libs/contracts';
import type { Steps } from '#libs/event-store';
import { deadLetter, refusalOf, type Incoming, type Outgoing, type Producer } from '#libs/kafka';
import { endWith, type Logger, type Pool } from '#libs/platform';
import {
  findInviters,
  findOutcomes,
  findRecipients,
  storeOutcomes,
  type StoredOutcome,
} from '#libs/read-models';
import type { AccountDecider } from '../deciding/account-decider.js';
import { toDomain } from '../deciding/to-domain.js';
import { outcomeMessage } from '../outcomes/outcome-message.js';
import { DATABASE, KAFKA_BROKERS, needs } from '../needs.js';
import type { ReplyTopics } from '../outcomes/reply-topics.js';
import type { CommandMetrics } from './command-metrics.js';
import { commandSteps, tellOutcomes } from './command-steps.js';
import { inParallel } from './in-parallel.js';
import type { PublishedDeadLetters } from './published-dead-letters.js';
import { sortMessages, type Asked, type Poison } from './sort-messages.js';

/** Accounts that are decided side by side; more only lengthens the event store's queue. */
const ACCOUNTS_AT_ONCE = 128;

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
    private readonly deadLetters: PublishedDeadLetters,
    private readonly metrics: CommandMetrics,
    private readonly now: () => Date,
    private readonly logger: Logger,
  ) {}

  async handle(messages: readonly Incoming[]): Promise<void> {
    const { asked, poison } = sortMessages(messages);
    const steps = commandSteps(asked);
    await endWith(steps?.values() ?? [], async () => {
      const outcomes = await this.outcomesOf(asked, steps);
      tellOutcomes(steps, outcomes);
      await this.publish(asked, outcomes, poison);
    });
    this.metrics.setAside(poison.length);
  }

  /** D10: what has an outcome keeps it; the rest is decided. */
  private async outcomesOf(
    asked: readonly Asked[],
    steps: Steps | undefined,
  ): Promise<ReadonlyMap<string, StoredOutcome>> {
    if (asked.length === 0) return new Map();
    const firstOfId = new Map<string, Asked>();
    for (const one of asked) {
      const { commandId } = one.command;
      if (!firstOfId.has(commandId)) firstOfId.set(commandId, one);
    }
    const stored = await needs(DATABASE, findOutcomes(this.pool, [...firstOfId.keys()]));
    for (const commandId of stored.keys()) firstOfId.delete(commandId);
    this.metrics.repeated(stored.size);
    return new Map([...stored, ...(await this.decide([...firstOfId.values()], steps))]);
  }

  /** By rounds: the outcomes of one are stored before anything that follows on the same account is decided. */
  private async decide(
    asked: readonly Asked[],
    steps: Steps | undefined,
  ): Promise<ReadonlyMap<string, StoredOutcome>> {
    const at = this.now().toISOString();
    const byAccount = Map.groupBy(asked, ({ command }) => accountOfCommand(command));
    const [recipients, inviters] = await needs(
      DATABASE,
      Promise.all([
        findRecipients(this.pool, recipientsIn(asked)),
        findInviters(this.pool, [...byAccount.keys()]),
      ]),
    );
    const outcomes = new Map<string, StoredOutcome>();
    let open = [...byAccount];
    for (let isFirst = true; open.length > 0; isFirst = false) {
      const decided: StoredOutcome[] = [];
      const left: typeof open = [];
      await inParallel(ACCOUNTS_AT_ONCE, open, async ([accountId, inOrder]) => {
        const commands = inOrder.map(({ command }) => toDomain(command, at, recipients));
        const guess = isFirst && !inviters.has(accountId) ? 'new' : 'known';
        const refusals = await this.decider.carryOut(accountId, commands, guess, steps);
        refusals.forEach((refusal, index) => {
          const { command, actorId } = inOrder[index]!;
          const { commandId } = command;
          decided.push({ commandId, actorId, ...(refusal === undefined ? {} : { refusal }) });
        });
        if (refusals.length < inOrder.length) left.push([accountId, inOrder.slice(refusals.length)]);
      });
      const stand = await needs(DATABASE, storeOutcomes(this.pool, decided, this.now().toISOString()));
      for (const [commandId, outcome] of stand) outcomes.set(commandId, outcome);
      this.metrics.decided(decided);
      open = left;
    }
    this.logDecided(asked, outcomes);
    return outcomes;
  }

  /** A line a command costs more than to decide it: only for those who look for one. */
  private logDecided(asked: readonly Asked[], outcomes: ReadonlyMap<string, StoredOutcome>): void {
    if (!this.logger.isLevelEnabled('debug')) return;
    for (const { command } of asked) {
      const { type, commandId } = command;
      const outcome = outcomes.get(commandId)?.refusal ?? 'accepted';
      this.logger.debug(
        { commandId, correlationId: correlationOfCommand(command), type, outcome },
        'command decided',
      );
    }
  }

  private async publish(
    asked: readonly Asked[],
    outcomes: ReadonlyMap<string, StoredOutcome>,
    poison: readonly Poison[],
  ): Promise<void> {
    const at = this.now();
    const replies = asked.flatMap((one) =>
      one.replyTo.map((topic) => ({
        topic,
        commandId: one.command.commandId,
        code: answerTo(one, outcomes.get(one.command.commandId)!),
      })),
    );
    for (const { commandId, replyTo: topic } of poison) {
      if (commandId !== undefined && topic !== undefined)
        replies.push({ topic, commandId, code: 'INVALID_COMMAND' });
    }
    const usable = await needs(
      KAFKA_BROKERS,
      this.replyTopics.usable(new Set(replies.map(({ topic }) => topic))),
    );
    const missing = await needs(KAFKA_BROKERS, this.deadLetters.missing(poison));
    const outgoing: Outgoing[] = missing.map(({ message, reason, commandId }) => {
      const { topic, partition, offset } = message;
      this.logger.warn(
        { topic, partition, offset, commandId, reason },
        'no valid command: to the dead-letter topic',
      );
      return deadLetter(message, TOPICS.deadLetters, reason, at);
    });
    for (const { topic, commandId, code } of replies) {
      if (usable.has(topic)) outgoing.push(outcomeMessage(topic, commandId, code, at.toISOString()));
    }
    await this.send(outgoing);
  }

  private async send(outgoing: readonly Outgoing[]): Promise<void> {
    try {
      await needs(KAFKA_BROKERS, this.producer.send(outgoing));
      this.replyTopics.took(outgoing.map(({ topic }) => topic));
    } catch (error) {
      this.replyTopics.forget();
      this.deadLetters.forget();
      if (refusalOf(error) === undefined) throw error;
      await this.sendByTopic(outgoing);
    }
  }

  /** Where one topic refuses, the others need not wait for it; nor for ever, where it is a topic for replies. */
  private async sendByTopic(outgoing: readonly Outgoing[]): Promise<void> {
    let trouble: unknown;
    for (const [topic, messages] of Map.groupBy(outgoing, (one) => one.topic)) {
      try {
        await needs(`the topic ${topic}`, this.producer.send(messages));
        this.replyTopics.took([topic]);
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal === undefined) throw error;
        const isPassedOver = topic !== TOPICS.deadLetters && this.replyTopics.refused(topic, refusal);
        if (!isPassedOver) trouble ??= error;
      }
    }
    if (trouble !== undefined) throw trouble;
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
