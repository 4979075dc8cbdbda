export { applyRows } from './apply-rows.js';
export { catchUp } from './catch-up.js';
export { messagesEffect, rowsEffect, type Effect, type RowsEffect } from './effect.js';
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
export { lookAt, overview, type ProjectionOverview } from './overview.js';
export { ProjectionMetrics } from './metrics.js';
export { askFor, listParked, type ParkedAccount } from './parking/operators.js';
export { isAfter, lowest, type Position } from './position.js';
export { ProjectionWorker } from './projection-worker.js';
export { type Comparison, type Difference } from './rebuild/comparison.js';
export { listGenerations, type Generation } from './rebuild/construction.js';
export { type Pair } from './rebuild/level.js';
export { drop, rebuild, switchTo, type Consent } from './rebuild/rebuild.js';
export { Refused, type Report, type Site } from './rebuild/site.js';
export { tableOf, type RowProjection, type Table } from './row-projection.js';
export { WorkerStatus } from './worker-status.js';
export { WORKER_DEFAULTS, type WorkerSettings } from './worker-settings.js';
