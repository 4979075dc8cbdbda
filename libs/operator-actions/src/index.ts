export { operatorActionOf, startAction, withAudit, withOperator } from './audit.js';

/** The migrations of this library's table. */
export const operatorActionMigrations = new URL('../migrations', import.meta.url);
