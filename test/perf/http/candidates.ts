import { RECIPIENTS, type BenchHarness } from './bench-harness.js';
import { putLoad, type LoadResult } from './load.js';
import { startPageReader } from './page-reads.js';

export const READS = ['constant', 'inbox', 'pg', 'pg, planned'] as const;
export const SENDS = ['send, 1 at a time', 'send, 16 at a time'] as const;
export type Candidate = (typeof READS)[number] | (typeof SENDS)[number];

/** As many requests or pages are under way at once. */
const IN_FLIGHT = 32;

/** The pool of the api has as many connections. */
const POOL_SIZE = 10;

/** More than a load can use: each load sends to pairs without an earlier invitation. */
const PAIRS_OF_A_LOAD = 15_000;
let sent = 0;

/** A load that is ready to run once. */
interface OpenLoad {
  /** The process under test. */
  readonly pid: number;
  run(): Promise<LoadResult>;
  stop(): Promise<void>;
}

export function openLoad(
  candidate: Candidate,
  harness: BenchHarness,
  seconds: number,
): OpenLoad | Promise<OpenLoad> {
  const { api, constant, postgres: url, members, tokens, pids } = harness;
  const http = (pid: number, run: () => Promise<LoadResult>) => ({ pid, run, stop: async () => undefined });
  const read = (to: string) => putLoad({ url: to, tokens, connections: IN_FLIGHT, seconds });
  const send = (connections: number) =>
    putLoad({
      url: api,
      tokens,
      seconds,
      connections,
      sends: { first: (sent += PAIRS_OF_A_LOAD), recipients: RECIPIENTS },
    });
  const pages = { url, members, connections: POOL_SIZE, inFlight: IN_FLIGHT, seconds };
  const loads: Record<Candidate, () => OpenLoad | Promise<OpenLoad>> = {
    constant: () => http(pids.constant, () => read(constant)),
    inbox: () => http(pids.api, () => read(api)),
    pg: () => startPageReader({ ...pages, isNamed: true }),
    'pg, planned': () => startPageReader({ ...pages, isNamed: false }),
    'send, 1 at a time': () => http(pids.api, () => send(1)),
    'send, 16 at a time': () => http(pids.api, () => send(16)),
  };
  return loads[candidate]();
}
