export {
  claimCommands,
  findClaim,
  renewClaims,
  type ClaimStatus,
  type ClaimSettings,
  type CommandContent,
} from './command-claims.table.js';
export { findOutcomes, storeOutcomes, type StoredOutcome } from './command-outcomes.table.js';
export { findLastAppend, recordLastAppend, type AppendedEvent } from './last-append.table.js';
export { findRestoredLogReport, RestoredLogReporter } from './restored-log-reports.table.js';

/** The migrations of this library's tables. */
export const commandOutcomeMigrations = new URL('../migrations', import.meta.url);
