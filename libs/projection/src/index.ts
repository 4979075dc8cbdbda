export { applyRows } from './apply-rows.js';
export { catchUp } from './catch-up.js';
export { messagesEffect, rowsEffect, type Effect } from './effect.js';
export { eventLog, type EventLog } from './event-log.js';
export {
  createGeneration,
  dropGeneration,
  readSlices,
  showGeneration,
  type Rebuildable,
  type SliceRow,
} from './generations.js';
export { Fenced } from './leases/checkpoints.js';
export { ensureProjection, liveGeneration } from './leases/leases.js';
export { ProjectionMetrics } from './metrics.js';
export { askFor, listParked, type ParkedAccount } from './parking/operators.js';
export { isAfter, lowest, type Position } from './position.js';
export { ProjectionWorker } from './projection-worker.js';
export { tableOf, type RowProjection, type Table } from './row-projection.js';
export { WorkerStatus } from './worker-status.js';
export { WORKER_DEFAULTS, type WorkerSettings } from './worker-settings.js';
