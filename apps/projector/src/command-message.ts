import {
  accountOfCommand,
  cloudEventHeaders,
  correlationOfCommand,
  SOURCE,
  TOPICS,
  type CommandMessage,
} from '#libs/contracts';
import type { Outgoing } from '#libs/kafka';

/**
 * A command of this service on its way to the command app, which treats it like any other.
 * @param parent the `traceparent` of the event that it comes from; without one, a trace begins
 */
export function commandMessage(command: CommandMessage, time: Date, parent?: string): Outgoing {
  const { type, commandId: id, data } = command;
  return {
    topic: TOPICS.commands,
    key: accountOfCommand(command),
    value: JSON.stringify(data),
    headers: cloudEventHeaders({ id, type, source: SOURCE, time: time.toISOString() }),
    trace: {
      parent,
      attributes: {
        'invitations.command_id': id,
        'invitations.correlation_id': correlationOfCommand(command),
      },
    },
  };
}
