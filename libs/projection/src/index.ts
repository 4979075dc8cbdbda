export { createEventLog, type EventLog } from './event-log.js';
export { EventHandlingError } from './event-failure.js';
export { FencedError } from './leases/fencing.js';
export { ensureProjection } from './leases/leases.js';
export { listParked, requestParkedAction, type ParkedAccount } from './parking/parked-actions.js';
export { ProjectionMetrics } from './projection-metrics.js';
export { computeStatus, readSnapshots, type ProjectionStatus } from './projection-status.query.js';
export { ProjectionWorker, WORKER_DEFAULTS, type WorkerSettings } from './projection-worker.js';
export { type GenerationComparison, type RowDifference } from './rebuild/compare-generations.js';
export { type GenerationPair } from './rebuild/generation-synchronizer.js';
export {
  activateGeneration,
  createGeneration,
  deleteGeneration,
  listGenerations,
  type Generation,
} from './rebuild/generations.js';
export {
  RebuildRejectedError,
  type ProgressReporter,
  type RebuildContext,
} from './rebuild/rebuild-context.js';
export {
  dropGeneration,
  rebuildProjection,
  resetProjection,
  switchGeneration,
  type RebuildOptions,
} from './rebuild/rebuild.js';
export { generationTableName, type RowErasure, type RowProjection, type Table } from './row-projection.js';
export { applyRows, messageSink, tableSink, type MessagePages, type Sink } from './sink.js';
export { readLiveGeneration, readSlices } from './slices.query.js';
export { WorkerStatus } from './worker-status.js';
