export { countKeys, eraseKey, rewrapKeys } from './author-keys.table.js';
export { findAllErased, findErased, findStoredKeys, isAnyErased } from './author-keys.query.js';
export { AuthorKeyCache } from './author-key-cache.js';
export { AuthorTextOpener, type UnreadableText } from './text-opener.js';
export { AuthorTextSealer } from './text-sealer.js';
export { parseWrappingKeys, readWrappingKeys, WithTextKeys } from './text-keys.config.js';
export { WrappingKeyMissingError, type WrappingKeys } from './encryption.js';

/** The migrations of this library's tables. */
export const authorKeyMigrations = new URL('../migrations', import.meta.url);
