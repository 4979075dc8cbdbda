import {
  accountOfCommand,
  cloudEventHeaders,
  correlationOfCommand,
  CLOUD_EVENT_SOURCE,
  type CommandMessage,
  type Topics,
} from '#libs/contracts';
import type { ProducerMessage } from '#libs/kafka';

/**
 * Maps a command of this service to a message for the command app, which handles it like any other command.
 * @param topics of this installation
 * @param parent the `traceparent` of the event that caused the command; undefined starts a trace
 */
export function toCommandMessage(
  topics: Topics,
  command: CommandMessage,
  time: Date,
  parent?: string,
): ProducerMessage {
  const { type, commandId: id, data } = command;
  return {
    topic: topics.commands,
    key: accountOfCommand(command),
    value: JSON.stringify(data),
    headers: cloudEventHeaders({ id, type, source: CLOUD_EVENT_SOURCE, time: time.toISOString() }),
    trace: {
      parent,
      attributes: {
        'invitations.command_id': id,
        'invitations.correlation_id': correlationOfCommand(command),
      },
    },
  };
}
