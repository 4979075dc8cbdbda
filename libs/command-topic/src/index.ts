export { recordPartitionCount } from './partition-count.table.js';
export { findRedrivenMessages, recordRedrivenMessages } from './redriven-messages.table.js';

/** The migrations of this library's tables. */
export const commandTopicMigrations = new URL('../migrations', import.meta.url);
