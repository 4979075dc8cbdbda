import { SERVICE_COMMAND_TYPES, type CommandType } from './commands/command-types.js';
import { isServiceCommandId } from './commands/service-command-id.js';
import { UUID } from './ids.js';
import { InvalidData } from './validation.js';

/** The headers of a received message. */
export interface MessageHeaders {
  /** The first value of a header as text; undefined where there is none. */
  header(name: string): string | undefined;
  /** All of them, where they are known: a header that is given more than once is a list. */
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** JSON by its own name or as the suffix of another, but not CloudEvents' structured mode: that has the data inside. */
const JSON_DATA = /^application\/(?!cloudevents)([\w.+-]+\+)?json\s*(;|$)/i;

/** The id in a message, if it can be read: a refusal of what is otherwise unreadable is addressed by it. */
export function commandIdOf(message: MessageHeaders): string | undefined {
  const id = isRepeated(message, 'ce_id') ? undefined : message.header('ce_id');
  return id !== undefined && UUID.test(id) ? id.toLowerCase() : undefined;
}

/**
 * The one value of a header.
 * @throws InvalidData when it is given more than once: nobody can say which of them counts
 */
export function headerOnce(message: MessageHeaders, name: string): string | undefined {
  if (isRepeated(message, name)) throw new InvalidData([`header ${name} is given more than once`]);
  return message.header(name);
}

/**
 * What a publisher may leave out is not asked for, for nothing depends on it: `ce_specversion`, `ce_source`, `ce_time`,
 * `content-type`. What is there must not say that the message is something else.
 * @throws InvalidData
 */
export function checkCommandHeaders(message: MessageHeaders, commandId: string, type: CommandType): void {
  if ((headerOnce(message, 'ce_specversion') ?? '1.0') !== '1.0') {
    throw new InvalidData(['header ce_specversion must be 1.0']);
  }
  const contentType = headerOnce(message, 'content-type');
  if (contentType !== undefined && !JSON_DATA.test(contentType)) {
    throw new InvalidData(['header content-type must be application/json']);
  }
  const isService = SERVICE_COMMAND_TYPES.has(type);
  if (isServiceCommandId(commandId) !== isService) {
    throw new InvalidData([
      isService
        ? 'header ce_type names a command of this service alone'
        : 'header ce_id must not be a UUID of version 8',
    ]);
  }
}

const isRepeated = ({ headers }: MessageHeaders, name: string) =>
  headers !== undefined && Array.isArray(headers[name]);
