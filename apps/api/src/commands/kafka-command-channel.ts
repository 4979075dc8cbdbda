import { Gauge, Histogram, type Registry } from 'prom-client';
import {
  type CommandMessage,
  type CommandOutcome,
  accountOfCommand,
  cloudEventHeaders,
  commandDigest,
  correlationOfCommand,
  operatorSignatureHeaders,
} from '#libs/contracts';
import type { ProducerMessage, Producer } from '#libs/kafka';
import { currentTraceparents } from '#libs/platform';
import { serviceUnavailable } from '../http/problem.js';
import { idTakenOutcome } from './stored-command.query.js';

/** Sends commands to the command app. */
export abstract class CommandChannel {
  /**
   * Call it before the first command. A channel without a connection need not override this.
   * @param onWaiting called if it has to wait for an operator, who reads the readiness
   */
  connect(_onWaiting?: () => Promise<void>): Promise<void> {
    return Promise.resolve();
  }

  /** Call it after the last outcome. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Publishes a command and waits for its outcome; returns undefined on a timeout.
   * @throws ProblemError 503 when it is not certain that the command was published; sending it again is safe
   */
  abstract send(command: CommandMessage): Promise<CommandOutcome | undefined>;
}

/** Above this number of pending commands nobody decides them any more, so new ones are rejected at once. */
const MAX_PENDING = 10_000;

interface ChannelSettings {
  /** The topic of commands. */
  readonly topic: string;
  /** The topic on which this instance receives outcomes. */
  readonly replyTo: string;
  /** How long to wait for an outcome, in milliseconds. */
  readonly timeoutMs: number;
  /** Signs the commands of operators. */
  readonly operatorSecret?: string | undefined;
}

/** The connection behind a channel. */
interface ChannelConnection {
  open(onWaiting?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Sends commands as any other service does: over Kafka, with a reply topic of this instance. */
export class KafkaCommandChannel extends CommandChannel {
  constructor(
    private readonly producer: Pick<Producer, 'send'>,
    private readonly pending: PendingOutcomes,
    private readonly settings: ChannelSettings,
    private readonly metrics?: CommandChannelMetrics,
    private readonly connection?: ChannelConnection,
  ) {
    super();
  }

  override async connect(onWaiting?: () => Promise<void>): Promise<void> {
    await this.connection?.open(onWaiting);
  }

  override async close(): Promise<void> {
    await this.connection?.close();
  }

  async send(command: CommandMessage): Promise<CommandOutcome | undefined> {
    if (this.pending.size >= MAX_PENDING)
      throw serviceUnavailable(new Error(`${MAX_PENDING} commands are pending already`));
    const { commandId } = command;
    const waiting = this.pending.wait(commandId, commandDigest(command), this.settings.timeoutMs);
    // The command app would refuse it, too: the id already identifies another command.
    if (waiting === undefined) return idTakenOutcome(commandId);
    const end = this.metrics?.startTimer();
    try {
      const outcome = await this.publishAndWait(command, waiting.outcome);
      end?.(outcome === undefined ? 'late' : 'known');
      return outcome;
    } catch (error) {
      end?.('failed');
      throw error;
    } finally {
      waiting.cancel();
    }
  }

  private async publishAndWait(
    command: CommandMessage,
    outcome: Promise<CommandOutcome | undefined>,
  ): Promise<CommandOutcome | undefined> {
    let confirmed = false;
    const published = this.producer.send([this.toMessage(command)]).then(
      () => {
        confirmed = true;
      },
      (error: unknown) => {
        throw serviceUnavailable(error);
      },
    );
    const known = await Promise.race([outcome, published.then(() => outcome)]);
    if (known === undefined && !confirmed)
      throw serviceUnavailable(new Error('Kafka did not confirm the command in time'));
    return known;
  }

  private toMessage(command: CommandMessage): ProducerMessage {
    const { type, commandId: id, data } = command;
    return {
      topic: this.settings.topic,
      key: accountOfCommand(command),
      value: JSON.stringify(data),
      headers: {
        ...cloudEventHeaders({ id, type, source: '/invitations/api', time: new Date().toISOString() }),
        'reply-to': this.settings.replyTo,
        ...operatorSignatureHeaders(this.settings.operatorSecret, command),
      },
      trace: {
        parent: currentTraceparents()[0],
        attributes: {
          'invitations.command_id': id,
          'invitations.correlation_id': correlationOfCommand(command),
        },
      },
    };
  }
}

type Resolve = (outcome: CommandOutcome | undefined) => void;

interface PendingOutcome {
  /** The outcome, or undefined on a timeout. */
  readonly outcome: Promise<CommandOutcome | undefined>;
  /** Ends the wait; it may have ended already. */
  cancel(): void;
}

/** The requests that wait for the outcome of one command. */
interface Waiters {
  /** Distinguishes the command from others with the same id. */
  readonly digest: string;
  readonly resolvers: Set<Resolve>;
}

/** Requests that wait for outcomes. Several may wait for the same command. */
export class PendingOutcomes {
  private readonly waiters = new Map<string, Waiters>();

  /** The number of pending commands. */
  get size(): number {
    return this.waiters.size;
  }

  /**
   * Returns undefined while another command with the same id is pending: an outcome does not say to which of the two
   * it belongs.
   */
  wait(commandId: string, digest: string, timeoutMs: number): PendingOutcome | undefined {
    const waiters = this.waiters.get(commandId) ?? { digest, resolvers: new Set() };
    if (waiters.digest !== digest) return undefined;
    const { resolvers } = waiters;
    const { promise: outcome, resolve } = Promise.withResolvers<CommandOutcome | undefined>();
    resolvers.add(resolve);
    this.waiters.set(commandId, waiters);
    const cancel = () => {
      clearTimeout(timer);
      resolvers.delete(resolve);
      if (resolvers.size === 0 && this.waiters.get(commandId) === waiters) this.waiters.delete(commandId);
      resolve(undefined);
    };
    const timer = setTimeout(cancel, timeoutMs);
    return { outcome, cancel };
  }

  /** Resolves all requests that wait for the command. An outcome for which no request waits is dropped. */
  resolve(outcome: CommandOutcome): void {
    for (const tell of this.waiters.get(outcome.commandId)?.resolvers ?? []) tell(outcome);
  }
}

/**
 * How the wait for an outcome ended: `known` in time, `late` on a timeout, `failed` when Kafka did not take the
 * command.
 */
type WaitResult = 'known' | 'late' | 'failed';

/** Measures how long requests wait for the outcomes of commands. Not by command type: nobody may count those (R29). */
export class CommandChannelMetrics {
  private readonly duration: Histogram<'wait'>;
  private readonly waiting: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.duration = new Histogram({
      name: 'invitations_command_outcome_seconds',
      help: 'Time from handing a command to Kafka to its outcome',
      labelNames: ['wait'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    for (const wait of ['known', 'late', 'failed']) this.duration.zero({ wait });
    this.waiting = new Gauge({
      name: 'invitations_commands_waiting',
      help: 'Commands whose outcome a request waits for',
      registers,
    });
  }

  /**
   * Starts a measurement.
   * @returns a function that ends it
   */
  startTimer(): (wait: WaitResult) => void {
    this.waiting.inc();
    const end = this.duration.startTimer();
    return (wait) => {
      this.waiting.dec();
      end({ wait });
    };
  }
}
