/** The tokens of what is injected without a class of its own. All other tokens are classes. */
export const FATAL = Symbol('fatal');
export const KAFKA = Symbol('kafka');
export const LOGGER = Symbol('logger');
export const POOL = Symbol('pool');
/** The clock: a function that returns a Date. */
export const NOW = Symbol('now');
/** The same clock: a function that returns milliseconds since 1970. */
export const NOW_MS = Symbol('now in milliseconds');
