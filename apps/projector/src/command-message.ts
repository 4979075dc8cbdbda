import { accountOfCommand, cloudEventHeaders, SOURCE, TOPICS, type CommandMessage } from '#libs/contracts';
import type { Outgoing } from '#libs/kafka';

/** A command of this service on its way to the command app, which treats it like any other. */
export function commandMessage(command: CommandMessage, time: Date): Outgoing {
  const { type, commandId: id, data } = command;
  return {
    topic: TOPICS.commands,
    key: accountOfCommand(command),
    value: JSON.stringify(data),
    headers: cloudEventHeaders({ id, type, source: SOURCE, time: time.toISOString() }),
  };
}
