/** What of this library cannot write: the shape of a projection, positions, and where slices stand. */
export { isAfter, lowest, type Position } from './position.js';
export { liveGeneration, readSlices, type SliceRow } from './slices.query.js';
export { tableOf, type RowProjection, type Table } from './row-projection.js';
