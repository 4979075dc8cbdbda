import { v5 as uuid5 } from 'uuid';

/** Namespace of these ids; it may never change, or what was carried out would be carried out again. */
const NAMESPACE = '0b9d7c3e-6a0c-5a53-8f6f-3f8a5f0d2c11';

/** The character that says a UUID's version. */
const VERSION_AT = 14;

/**
 * The id of a command that this service issues, from what it follows from: the same again, the same id. It is a UUID of
 * version 8 (RFC 9562: for one's own use), which no member may use. Members know what such an id is made from, and could
 * else take it before it is issued, or ask for its outcome.
 */
export function serviceCommandId(cause: string): string {
  const id = uuid5(cause, NAMESPACE);
  return `${id.slice(0, VERSION_AT)}8${id.slice(VERSION_AT + 1)}`;
}

export const isServiceCommandId = (id: string): boolean => id[VERSION_AT] === '8';
