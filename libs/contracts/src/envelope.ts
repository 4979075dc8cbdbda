import { parseJson } from './validation/json.js';
import { InvalidDataError } from './validation/parse-dto.js';

/** The headers of a received message. */
export interface MessageHeaders {
  /** The first value of a header as text; undefined if there is none. */
  header(name: string): string | undefined;
  /** All headers, if they are known: a header that is given more than once is a list. */
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** The parts of a received Kafka message that the contract is about. */
export interface ReceivedMessage extends MessageHeaders {
  readonly value: Uint8Array | null;
}

/** A CloudEvent as it was received, in either mode of CloudEvents' Kafka binding. */
export interface Envelope {
  /**
   * An attribute without the prefix of its header, for example `id`.
   * @throws InvalidDataError when its value is unclear
   */
  attribute(name: string): string | undefined;
  /** How problems call an attribute. */
  nameOf(name: string): string;
  /** @throws InvalidDataError */
  data(): unknown;
}

/** JSON by its own media type or by the suffix of another. */
const JSON_DATA = /^application\/(?!cloudevents)([\w.+-]+\+)?json\s*(;|$)/i;

/** One CloudEvent in structured mode, as JSON. Kafka's binding knows no batches. */
export const STRUCTURED_MODE = /^application\/cloudevents\+json\s*(;|$)/i;

/**
 * Opens a CloudEvent. Its content type decides where the attributes are, so it is checked first: in binary mode they are headers,
 * in structured mode they are in the value.
 * @throws InvalidDataError
 */
export function openEnvelope(message: ReceivedMessage): Envelope {
  const contentType = singleHeader(message, 'content-type');
  if (contentType === undefined || JSON_DATA.test(contentType)) return binaryEnvelope(message);
  if (STRUCTURED_MODE.test(contentType)) return structuredEnvelope(message.value);
  throw new InvalidDataError([
    'header content-type must be application/json or application/cloudevents+json',
  ]);
}

const binaryEnvelope = (message: ReceivedMessage): Envelope => ({
  attribute: (name) => singleHeader(message, `ce_${name}`),
  nameOf: (name) => `header ce_${name}`,
  data: () => parseJson(message.value),
});

/** @throws InvalidDataError when the header is given more than once, because it is unclear which value counts */
function singleHeader(message: MessageHeaders, name: string): string | undefined {
  if (Array.isArray(message.headers?.[name])) {
    throw new InvalidDataError([`header ${name} is given more than once`]);
  }
  return message.header(name);
}

function structuredEnvelope(value: Uint8Array | null): Envelope {
  const event = parseJson(value);
  if (!isObject(event)) throw new InvalidDataError(['the CloudEvent must be a JSON object']);
  const attribute = (name: string) => {
    const given = event[name] ?? undefined;
    if (given !== undefined && typeof given !== 'string') {
      throw new InvalidDataError([`attribute ${name} must be a text`]);
    }
    return given;
  };
  return { attribute, nameOf: (name) => `attribute ${name}`, data: () => structuredData(event, attribute) };
}

function structuredData(
  event: Readonly<Record<string, unknown>>,
  attribute: (name: string) => string | undefined,
): unknown {
  if (!JSON_DATA.test(attribute('datacontenttype') ?? 'application/json')) {
    throw new InvalidDataError(['attribute datacontenttype must be application/json']);
  }
  const base64 = attribute('data_base64');
  if (base64 === undefined) return event['data'];
  if (event['data'] !== undefined) throw new InvalidDataError(['data and data_base64 exclude each other']);
  return parseJson(Buffer.from(base64, 'base64'));
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** CloudEvents 1.0 in Kafka's binary mode: the attributes are headers, and the value of the message is the data. */
export interface CloudEventAttributes {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly subject?: string;
}

/** `ce_source` of every message that this service publishes. */
export const CLOUD_EVENT_SOURCE = '/invitations';

export function cloudEventHeaders({
  id,
  type,
  source,
  time,
  subject,
}: CloudEventAttributes): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: source,
    ce_time: time,
    ...(subject === undefined ? {} : { ce_subject: subject }),
    'content-type': 'application/json',
  };
}

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
