/** The part of this library that cannot write. */
export { findAllErased, findErased, findStoredKeys, isAnyErased } from './author-keys.query.js';
export { AuthorKeyCache } from './author-key-cache.js';
export { AuthorTextOpener, type UnreadableText } from './text-opener.js';
export { parseWrappingKeys, readWrappingKeys, WithTextKeys } from './text-keys.config.js';
export { WrappingKeyMissingError, type WrappingKeys } from './encryption.js';
