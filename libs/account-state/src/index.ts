export {
  accountStateProjection,
  toAccountEvent,
  type AccountEvent,
  type AccountStateRow,
} from './account-state.projection.js';
export { findProjectedAccounts, type AskedEntries } from './projected-accounts.query.js';
export { ProjectedAccount } from './projected-account.js';

/** The migrations of this library's table. */
export const accountStateMigrations = new URL('../migrations', import.meta.url);
