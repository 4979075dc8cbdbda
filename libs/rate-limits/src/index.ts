export { consumeToken, deleteFullBuckets, refundToken, type TokenBucket } from './rate-limits.table.js';

/** The migrations of this library's table. */
export const rateLimitMigrations = new URL('../migrations', import.meta.url);
