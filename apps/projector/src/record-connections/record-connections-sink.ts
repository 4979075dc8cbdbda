import { accountOfCommand, cloudEventHeaders, SOURCE, TOPICS, type CommandMessage } from '#libs/contracts';
import type { LoggedEvent } from '#libs/event-store';
import type { Outgoing, Producer } from '#libs/kafka';
import type { Pool } from '#libs/platform';
import { moveCheckpoint, readCheckpoint, type Sink } from '#libs/projection';
import { commandAfter } from './record-connection.process.js';

/** Publishes the commands first and moves the checkpoint then: a crash between the two issues them again, to no effect. */
export function recordConnectionsSink(pool: Pool, producer: Producer, now: () => Date): Sink<LoggedEvent> {
  const name = 'record-connections';
  return {
    position: () => readCheckpoint(pool, name),
    async apply(events, from, to) {
      const commands = events.map(commandAfter).filter((command) => command !== undefined);
      await producer.send(commands.map((command) => toMessage(command, now())));
      await moveCheckpoint(pool, name, from, to);
    },
  };
}

function toMessage(command: CommandMessage, time: Date): Outgoing {
  const { type, commandId: id, data } = command;
  return {
    topic: TOPICS.commands,
    key: accountOfCommand(command),
    value: JSON.stringify(data),
    headers: cloudEventHeaders({ id, type, source: SOURCE, time: time.toISOString() }),
  };
}
