export {
  accountStateProjection,
  toAccountEvent,
  type AccountEvent,
  type AccountStateRow,
} from './account-state.projection.js';
export { hasClosedAccount, isClosedAccount, hasReachedInvitationLimit } from './account-status.query.js';
export {
  findProjectedAccounts,
  ProjectedAccount,
  type AskedEntries,
  type ProjectedAccounts,
} from './projected-accounts.query.js';

/** The migrations of this library's table. */
export const accountStateMigrations = new URL('../migrations', import.meta.url);
