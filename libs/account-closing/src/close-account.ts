import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '#libs/cli';
import { findOutcomes } from '#libs/command-outcomes';
import {
  accountOfCommand,
  CloseAccountData,
  cloudEventHeaders,
  OPERATOR_SIGNATURE_HEADER,
  operatorSignatureHeaders,
  parseDto,
  type CommandMessage,
  type Topics,
} from '#libs/contracts';
import { readTopicToEnd, type Kafka, type ProducerMessage } from '#libs/kafka';
import type { Queryable } from '#libs/platform';

/** How often the outcome is looked for, and the dead letter, in milliseconds. */
const POLL_MS = 200;
const DEAD_LETTER_POLL_MS = 2_000;

/** How far the broker's clock may be behind, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;

export interface ClosingServers {
  readonly db: Queryable;
  readonly kafka: Kafka;
  readonly topics: Topics;
  /** Of the names of groups. The group that reads the dead letters is one of the tool `dead-letters`. */
  readonly groupPrefix: string;
  /** Signs the command; undefined where the command app needs no signature, as in development. */
  readonly secret: string | undefined;
  readonly send: (message: ProducerMessage) => Promise<void>;
}

/**
 * Publishes the command that closes an account, and waits for its outcome. It can be repeated: a closed account stays as it is.
 * @param operatorId is stored with the event
 * @returns why the command app refused it; undefined if the account is closed
 * @throws CliError as soon as the command is found in the dead letters, or if there is no outcome in time
 */
export async function closeAccount(
  servers: ClosingServers,
  accountId: string,
  operatorId: string,
  timeoutMs: number,
): Promise<string | undefined> {
  const command: CommandMessage = {
    type: 'invitations.close-account.v1',
    commandId: randomUUID(),
    data: parseDto(CloseAccountData, { accountId, operatorId }),
  };
  const publishedAt = Date.now();
  await servers.send(toSignedMessage(servers, command));
  const end = performance.now() + timeoutMs;
  for (let nextLetterPoll = performance.now() + POLL_MS; ; await sleep(POLL_MS)) {
    const outcome = (await findOutcomes(servers.db, [command.commandId])).get(command.commandId);
    if (outcome !== undefined) return outcome.refusal;
    if (performance.now() >= nextLetterPoll) {
      // A login without the right to read the dead letters learns nothing until the timeout.
      const reason = await findDeadLetter(servers, command, publishedAt).catch(() => undefined);
      if (reason !== undefined) throw new CliError(describeRejection(command, reason, servers.secret));
      nextLetterPoll = performance.now() + DEAD_LETTER_POLL_MS;
    }
    if (performance.now() >= end) throw new CliError(describeTimeout(command));
  }
}

/** Signed as the api signs commands of operators (docs/adr/0016). */
function toSignedMessage({ topics, secret }: ClosingServers, command: CommandMessage): ProducerMessage {
  const { commandId: id, type, data } = command;
  const time = new Date().toISOString();
  return {
    topic: topics.commands,
    key: accountOfCommand(command),
    value: JSON.stringify(data),
    headers: {
      ...cloudEventHeaders({ id, type, source: '/invitations/close-account', time }),
      ...operatorSignatureHeaders(secret, command),
    },
  };
}

/** @returns the reason with which the command app has rejected the command, if it has */
async function findDeadLetter(
  { kafka, topics, groupPrefix }: ClosingServers,
  { commandId }: CommandMessage,
  publishedAt: number,
): Promise<string | undefined> {
  let reason: string | undefined;
  const options = { groupPrefix: `${groupPrefix}dead-letters`, since: publishedAt - CLOCK_SKEW_MS };
  await readTopicToEnd(kafka, topics.deadLetters, options, (message) => {
    if (message.header('ce_id') === commandId) reason = message.header('dead-letter-reason') ?? 'unknown';
  });
  return reason;
}

function describeRejection(
  { commandId }: CommandMessage,
  reason: string,
  secret: string | undefined,
): string {
  const rejected = `the account is not closed. The command app has rejected the command ${commandId}: ${reason}. `;
  if (!reason.includes(OPERATOR_SIGNATURE_HEADER)) return `${rejected}See docs/runbooks/dead-letters.md`;
  const mistake =
    secret === undefined
      ? 'The command app has secrets, and OPERATOR_COMMAND_SECRETS is not set here'
      : 'The first secret of OPERATOR_COMMAND_SECRETS is not one of those of the command app';
  return `${rejected}${mistake}: set it to the value that the command app has, and run this again. The dead letter needs no action`;
}

const describeTimeout = ({ commandId }: CommandMessage): string =>
  `the command ${commandId} was published and has no outcome yet. Check that the command app runs: it closes the account later, ` +
  'unless the command is in the dead letters (dead-letters list --type close-account). To run this again does no harm';
