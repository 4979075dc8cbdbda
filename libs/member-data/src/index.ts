export { countRows, eraseRows, waitForWriters, type RowChanges, type RowCounts } from './erase-rows.js';
export {
  findAddresses,
  findOwnedRows,
  findStoredTables,
  MEMBER_TABLES,
  type GivenMember,
} from './member-tables.js';
export type { MemberTable, WrittenColumn } from './member-table.js';
