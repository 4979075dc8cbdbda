import { startChild } from '../support/child.js';
import { between, Meter, type Stretch } from '../support/meter.js';
import type { BenchServers } from '../support/servers.js';
import { uncounted } from './warm-up.js';

/** One run of the raw client, from the end of the warm-up to its last append. */
export async function runRaw(servers: BenchServers, run: string, count: number): Promise<Stretch> {
  const child = startChild('test/perf/commands/raw.main.js', {
    EVENTSTORE_URL: servers.eventStore,
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
