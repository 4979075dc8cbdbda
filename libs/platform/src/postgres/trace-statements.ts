import type { QueryConfig } from 'pg';
import { parentsOfStatements, startSpan } from '../tracing/span.js';

/**
 * Makes each statement of traced work a span, with its name or its first word only: its text may have values in it. It is a child
 * of the running span; the statement of a batch is a child of the batch's first one, and linked to the others.
 * Only statements whose result is a promise count: those with a callback are the pool's own.
 */
export function traceStatements(queryable: { query: unknown }): void {
  const query = (queryable.query as (...args: readonly unknown[]) => unknown).bind(queryable);
  queryable.query = (statement: unknown, ...rest: readonly unknown[]): unknown => {
    const result = query(statement, ...rest);
    if (!(result instanceof Promise)) return result;
    const [parent, ...links] = parentsOfStatements();
    if (parent === undefined) return result;
    const { name, operation } = describeStatement(statement);
    const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': operation } as const;
    const span = startSpan(name ?? operation, 'client', parent, attributes, links);
    if (span === undefined) return result;
    return result.then(
      (value: unknown) => {
        span.end();
        return value;
      },
      (error: unknown) => {
        span.end(error);
        throw error;
      },
    );
  };
}

const OPERATION = /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*([a-z]+)/is;

/** @param statement what a client is asked for: the text, or a configuration with it */
export function describeStatement(statement: unknown): { name?: string | undefined; operation: string } {
  const { name, text } = (typeof statement === 'string' ? { text: statement } : statement) as QueryConfig;
  return { name, operation: OPERATION.exec(text)?.[1]?.toUpperCase() ?? 'SQL' };
}
