import { startChild } from '../support/child.js';
import { between, Meter, type Stretch } from '../support/meter.js';
import type { BenchServers } from '../support/servers.js';
import { uncounted } from './warm-up.js';

/**
 * One run of a program that makes its own commands, from the end of the warm-up to its last append.
 * @param main its path below dist; it uses `workInFlight`
 * @param run part of the accounts' names, different for each run
 */
export async function runAlone(
  servers: BenchServers,
  main: string,
  run: string,
  count: number,
): Promise<Stretch> {
  const child = startChild(main, {
    EVENTSTORE_URL: servers.eventStore,
    DATABASE_URL: servers.postgres,
    RUN: run,
    COUNT: String(count),
    UNCOUNTED: String(uncounted(count)),
  });
  const meter = new Meter({ app: child.pid, ...servers.pids });
  await child.message();
  const begin = meter.mark();
  await child.message();
  const end = meter.mark();
  await child.stop();
  return between(begin, end, count - uncounted(count));
}
