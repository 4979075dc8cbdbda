import { actorOfCommand, commandIdOf, InvalidData, parseCommand, type CommandMessage } from '#libs/contracts';
import { traceparentIn, type Incoming } from '#libs/kafka';
import { isTracing } from '#libs/platform';

/** A command and every topic that wants to hear of it; a command that came twice in one chunk is here once. */
export interface Asked {
  readonly command: CommandMessage;
  /** Who asks. An id that another actor has used names another command, and gets no answer of that one's. */
  readonly actorId: string;
  readonly replyTo: string[];
  /** The step of its publisher, where traces are kept. */
  readonly traceparent?: string | undefined;
}

/** What is no valid command. */
export interface Poison {
  readonly message: Incoming;
  readonly reason: string;
  readonly commandId: string | undefined;
  readonly replyTo: string | undefined;
}

/** Parses a chunk. What fails is set aside and holds up nothing. */
export function sortMessages(messages: readonly Incoming[]): { asked: Asked[]; poison: Poison[] } {
  const asked = new Map<string, Asked>();
  const poison: Poison[] = [];
  for (const message of messages) {
    const replyTo = message.header('reply-to');
    try {
      const command = parseCommand(message);
      const actorId = actorOfCommand(command);
      const key = `${command.commandId} ${actorId}`;
      let one = asked.get(key);
      if (one === undefined) asked.set(key, (one = newlyAsked(command, actorId, message)));
      if (replyTo !== undefined && !one.replyTo.includes(replyTo)) one.replyTo.push(replyTo);
    } catch (error) {
      if (!(error instanceof InvalidData)) throw error;
      poison.push({ message, reason: error.message, commandId: commandIdOf(message), replyTo });
    }
  }
  return { asked: [...asked.values()], poison };
}

function newlyAsked(command: CommandMessage, actorId: string, message: Incoming): Asked {
  const asked = { command, actorId, replyTo: [] };
  return isTracing() ? { ...asked, traceparent: traceparentIn(message) } : asked;
}
