export { Fenced, moveCheckpoint, readCheckpoint } from './checkpoints.js';
export type { Position } from './position.js';
export { ProjectionRunner, type Placed, type Sink, type Source } from './projection-runner.js';
export type { RowProjection, Table } from './row-projection.js';
export { rowSink } from './row-sink.js';
