import { startChild } from '../support/child.js';

/** What is asked, of whom, and for how long. */
export interface Load {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Sends invitations instead of reading the inbox, each by another member in turn and to another recipient, from the nth pair on. */
  readonly sends?: { readonly first: number; readonly recipients: number };
}

export interface LoadResult {
  readonly answers: number;
  readonly perSecond: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers by status: what was refused quickly is no result. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Puts a load on the server from a process of its own. */
export async function putLoad(load: Load): Promise<LoadResult> {
  const child = startChild('test/bench/http/load.main.js', { LOAD: JSON.stringify(load) });
  try {
    return (await child.message()) as LoadResult;
  } finally {
    await child.stop();
  }
}
