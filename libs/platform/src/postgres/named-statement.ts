import type { QueryConfig } from 'pg';

/**
 * A statement that each connection parses and plans only a few times. A name stands for one text, because a connection keeps the
 * text that it has first seen under it.
 */
export type NamedStatement = Required<Pick<QueryConfig, 'name' | 'text'>>;
