import type { CommandContent } from '#libs/command-outcomes';
import {
  accountOfCommand,
  actorOfCommand,
  commandDigest,
  givenAttributes,
  InvalidDataError,
  parseCommand,
  UUID,
  type CommandMessage,
  isSignedOperatorCommand,
  OPERATOR_COMMAND_TYPES,
  OPERATOR_SIGNATURE_HEADER,
} from '#libs/contracts';
import { readTraceparent, type ConsumedMessage } from '#libs/kafka';
import { isTracing } from '#libs/platform';

/** Where the outcome of a message is published, and under which id. */
export interface ReplyAddress {
  readonly topic: string;
  /** The id as the publisher wrote it, so that it finds the outcome. */
  readonly id: string;
}

/**
 * A command with all addresses that want its outcome. Messages of one batch with the same id and content are one request. The
 * same id with another content is another request.
 */
export interface CommandRequest {
  readonly command: CommandMessage;
  readonly content: CommandContent;
  readonly replyTo: ReplyAddress[];
  /** The messages that carried the command, in most cases one. */
  readonly messages: ConsumedMessage[];
  /** The publisher's trace context, if tracing is on. */
  readonly traceparent?: string | undefined;
}

/** A message for the dead-letter topic: an invalid command, or one about which this version cannot decide. */
export interface UnprocessableMessage {
  readonly message: ConsumedMessage;
  readonly reason: string;
  /** For logs: only a UUID, because any other id may be personal. */
  readonly commandId: string | undefined;
  readonly replyTo: ReplyAddress | undefined;
  /** The command is valid, and waits in the dead-letter topic for a version that can decide about it. */
  readonly undecided?: true;
}

/** Parses the messages of a batch. An invalid message does not stop the others. */
export function parseBatch(
  messages: readonly ConsumedMessage[],
  signatures: OperatorSignatureCheck,
): {
  requests: CommandRequest[];
  invalid: UnprocessableMessage[];
} {
  const requests = new Map<string, CommandRequest>();
  const invalid: UnprocessableMessage[] = [];
  for (const message of messages) {
    const replyTo = replyAddressOf(message);
    try {
      const command = parseCommand(message);
      signatures.assertAuthentic(command, message);
      const content = contentOf(command);
      const key = `${content.commandId} ${content.digest}`;
      let request = requests.get(key);
      if (request === undefined) requests.set(key, (request = newRequest(command, content, message)));
      request.messages.push(message);
      if (replyTo !== undefined && !request.replyTo.some((other) => isSameAddress(other, replyTo))) {
        request.replyTo.push(replyTo);
      }
    } catch (error) {
      if (!(error instanceof InvalidDataError)) throw error;
      invalid.push({ message, reason: error.message, commandId: loggableId(message), replyTo });
    }
  }
  return { requests: [...requests.values()], invalid };
}

/** A message without a readable id is answered under its offset, which its publisher knows from Kafka. */
function replyAddressOf(message: ConsumedMessage): ReplyAddress | undefined {
  const topic = message.header('reply-to');
  if (topic === undefined) return undefined;
  const id = givenAttributes(message).id ?? `${message.topic}/${message.partition}@${message.offset}`;
  return { topic, id };
}

const isSameAddress = (one: ReplyAddress, other: ReplyAddress) =>
  one.topic === other.topic && one.id === other.id;

function loggableId(message: ConsumedMessage): string | undefined {
  const { id } = givenAttributes(message);
  return id !== undefined && UUID.test(id) ? id.toLowerCase() : undefined;
}

/** The digest covers account and actor. They are stored beside it for operators who look into the table. */
const contentOf = (command: CommandMessage): CommandContent => ({
  commandId: command.commandId,
  accountId: accountOfCommand(command),
  actorId: actorOfCommand(command),
  digest: commandDigest(command),
});

function newRequest(
  command: CommandMessage,
  content: CommandContent,
  message: ConsumedMessage,
): CommandRequest {
  const request = { command, content, replyTo: [], messages: [] };
  return isTracing() ? { ...request, traceparent: readTraceparent(message) } : request;
}

/**
 * Collects the messages of requests that have no response because nothing could be decided. Their publishers get no outcome.
 * @param undecided the reason for each command id
 */
export function undecidedMessages(
  requests: readonly CommandRequest[],
  responses: ReadonlyMap<CommandRequest, unknown>,
  undecided: ReadonlyMap<string, string>,
): UnprocessableMessage[] {
  if (undecided.size === 0) return [];
  return requests.flatMap((request) => {
    const { command, messages } = request;
    const { commandId } = command;
    const reason = undecided.get(commandId);
    if (reason === undefined || responses.has(request)) return [];
    return messages.map((message) => ({
      message,
      reason: `the account has an event that this version cannot read, ${reason}`,
      commandId,
      replyTo: undefined,
      undecided: true as const,
    }));
  });
}

/** Distinguishes commands of operators, which the api or a tool signs, from those that another publisher has made up. */
export class OperatorSignatureCheck {
  /** @param secrets undefined if no signature is needed */
  constructor(private readonly secrets: readonly string[] | undefined) {}

  /** @throws InvalidDataError for a command of an operator without a valid signature */
  assertAuthentic(command: CommandMessage, message: Pick<ConsumedMessage, 'header'>): void {
    if (this.secrets === undefined || !OPERATOR_COMMAND_TYPES.has(command.type)) return;
    if (!isSignedOperatorCommand(this.secrets, command, message.header(OPERATOR_SIGNATURE_HEADER))) {
      throw new InvalidDataError([`header ${OPERATOR_SIGNATURE_HEADER} must be a signature of the api`]);
    }
  }
}
