import { isObject, STRUCTURED_MODE, type MessageHeaders, type ReceivedMessage } from './envelope.js';

/** Longest id under which an outcome is published, in UTF-16 code units. */
export const MAX_GIVEN_ID_LENGTH = 200;

/** Larger messages are not parsed to find out who sent them. It is the default limit of a broker. */
const MAX_PARSED_BYTES = 1024 * 1024;

/** What can be read of any message, valid or not. */
export interface GivenAttributes {
  /** The id as the publisher wrote it, at most 200 characters of it. */
  readonly id: string | undefined;
  readonly type: string | undefined;
}

/** Reads the id and the type of any message, for its publisher and for operators. Nothing is decided by them. */
export function givenAttributes(message: ReceivedMessage): GivenAttributes {
  const event = STRUCTURED_MODE.test(message.header('content-type') ?? '') ? parseAnyway(message.value) : {};
  const given = (name: string) => {
    const text = event[name];
    return ['string', 'number'].includes(typeof text) ? String(text) : anyHeader(message, `ce_${name}`);
  };
  const id = given('id')?.slice(0, MAX_GIVEN_ID_LENGTH).toWellFormed();
  return { id: id === '' ? undefined : id, type: given('type') };
}

/** Whether a header is there by a name in other letters, such as `CE_ID`, or as HTTP spells it. */
export const isMisspelt = (message: MessageHeaders, name: string): boolean =>
  message.header(name) === undefined && misspelling(message, name) !== undefined;

function anyHeader(message: MessageHeaders, name: string): string | undefined {
  const exact = message.header(name);
  if (exact !== undefined) return exact;
  const other = misspelling(message, name);
  return other === undefined ? undefined : message.header(other);
}

const misspelling = ({ headers }: MessageHeaders, name: string): string | undefined =>
  Object.keys(headers ?? {}).find((other) => other.toLowerCase().replace('-', '_') === name);

function parseAnyway(value: Uint8Array | null): Readonly<Record<string, unknown>> {
  if (value === null || value.length > MAX_PARSED_BYTES) return {};
  try {
    const event: unknown = JSON.parse(new TextDecoder().decode(value));
    return isObject(event) ? event : {};
  } catch {
    return {};
  }
}
