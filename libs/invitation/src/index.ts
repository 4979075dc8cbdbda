export {
  areLoaded,
  countEntries,
  initialState,
  isPartial,
  loadEntries,
  partialAccount,
  type Account,
  type AccountHead,
  type EntryKeys,
  type Invitation,
  type LoadedEntries,
  type Relation,
  EntryNotLoadedError,
} from './account.js';
export { assertNever, invitationIdOf, inviterOf } from './events.js';
export { accountOf, entriesOf } from './commands.js';
export type * from './commands.js';
export { reminderWindow } from './commands/system-commands.js';
export { decide } from './decide.js';
export { currentVersion, findMalformedField, STORED_TYPES, upcast, type StoredData } from './event-schema.js';
export type * from './events.js';
export { entriesChangedBy, evolve } from './evolve.js';
export { DEFAULT_POLICY, type Policy } from './policy.js';
