import type { EventIndex } from './event-index.js';

/** The events of $all that a reader asks for, by the name of the stream or of the type. */
export interface FilterExpression {
  readonly on: 'stream' | 'type';
  /** Prefixes, of which one must match, or a regular expression. */
  readonly match: readonly string[] | RegExp;
}

const UNKNOWN = 0;
const MATCHES = 1;
const DIFFERS = 2;

/**
 * @returns a function that tells whether the event of an ordinal matches. Each name is matched once: the result is kept by the
 *   number of the stream or type, so that a long log costs an array access per event and not a regular expression.
 */
export function createEventFilter(
  index: EventIndex,
  { on, match }: FilterExpression,
): (ordinal: number) => boolean {
  const { events } = index;
  const matches =
    match instanceof RegExp
      ? (name: string) => match.test(name)
      : (name: string) => match.some((prefix) => name.startsWith(prefix));
  const numberOf = on === 'stream' ? (at: number) => events.stream(at) : (at: number) => events.type(at);
  const nameOf = on === 'stream' ? (n: number) => index.streamName(n) : (n: number) => index.typeName(n);
  let results = new Uint8Array(1024);
  return (ordinal) => {
    const number = numberOf(ordinal);
    if (number >= results.length) {
      const grown = new Uint8Array(Math.max(number + 1, results.length * 2));
      grown.set(results);
      results = grown;
    }
    if (results[number] === UNKNOWN) results[number] = matches(nameOf(number)) ? MATCHES : DIFFERS;
    return results[number] === MATCHES;
  };
}
