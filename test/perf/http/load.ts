import { startChild } from '../support/child.js';

/** The requests, their members, and the duration. */
export interface Load {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /**
   * Sends invitations instead of reading the inbox, each from the next member to another recipient, starting with the
   * nth pair.
   */
  readonly sends?: { readonly first: number; readonly recipients: number };
}

export interface LoadResult {
  readonly answers: number;
  readonly perSecond: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Responses by status. A fast rejection is not a result. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Runs a load in a separate process. */
export async function putLoad(load: Load): Promise<LoadResult> {
  const child = startChild('test/perf/http/load.main.js', { LOAD: JSON.stringify(load) });
  try {
    return (await child.message()) as LoadResult;
  } finally {
    await child.stop();
  }
}
