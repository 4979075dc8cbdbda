import type { EventIndex } from './event-index.js';

/** Which events of $all a reader wants, by the name of the stream or of the type. */
export interface FilterExpression {
  readonly on: 'stream' | 'type';
  /** Prefixes, of which any will do, or a regular expression. */
  readonly match: readonly string[] | RegExp;
}

const UNKNOWN = 0;
const WANTED = 1;
const UNWANTED = 2;

/**
 * @returns whether an event passes. Each name is matched once: events are looked up by the number of their stream or
 *   type, so that a long log costs an array access per event and not a regular expression.
 */
export function eventFilter(
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
  let verdicts = new Uint8Array(1024);
  return (ordinal) => {
    const number = numberOf(ordinal);
    if (number >= verdicts.length) {
      const grown = new Uint8Array(Math.max(number + 1, verdicts.length * 2));
      grown.set(verdicts);
      verdicts = grown;
    }
    if (verdicts[number] === UNKNOWN) verdicts[number] = matches(nameOf(number)) ? WANTED : UNWANTED;
    return verdicts[number] === WANTED;
  };
}
