/** The part of this library that cannot write. */
export { findAllErased, findErased, findStoredKeys, isAnyErased } from './author-keys.query.js';
export { AuthorKeyCache, KEY_LIFETIME_MS } from './author-key-cache.js';
export { AuthorTextOpener, UnreadableTextError, type UnreadableText } from './text-opener.js';
export { readWrappingKeys, WithTextKeys } from './text-keys.config.js';
export { parseWrappingKeys, WrappingKeyMissingError, type WrappingKeys } from './wrapping-keys.js';
