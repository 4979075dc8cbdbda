/** The part of this library that cannot write: the shape of a projection and the checkpoints of slices. */
export { generationTableName, type RowErasure, type RowProjection, type Table } from './row-projection.js';
export { readLiveGeneration, readSlices } from './slices.query.js';
