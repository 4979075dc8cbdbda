import { startChild, type Child } from '../support/child.js';
import type { LoadResult } from './load.js';

/** Reads of pages by `pg` alone, without the api. */
export interface PageReads {
  readonly url: string;
  readonly members: readonly string[];
  /** Of the pool: as many as the api has. */
  readonly connections: number;
  /** As many as the load on the api has. */
  readonly inFlight: number;
  readonly seconds: number;
  /** Without a name, PostgreSQL plans the statement each time. */
  readonly isNamed: boolean;
}

/** A process that reads pages. It is warm when this returns. */
export interface PageReader {
  readonly pid: number;
  run(): Promise<LoadResult>;
  stop(): Promise<void>;
}

export async function startPageReader(reads: PageReads): Promise<PageReader> {
  const child: Child = startChild('test/perf/http/pg.main.js', { PAGE_READS: JSON.stringify(reads) });
  await child.message();
  return {
    pid: child.pid,
    async run() {
      const result = child.message();
      child.send('go');
      return (await result) as LoadResult;
    },
    stop: () => child.stop(),
  };
}
