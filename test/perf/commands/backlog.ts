import { startChild, type Child } from '../support/child.js';
import { between, Meter, peakMiB, type Stretch } from '../support/meter.js';
import type { BenchServers } from '../support/servers.js';
import type { Broker } from './broker.js';

/** Milliseconds between two lines of progress. */
const TELL_MS = 10_000;

/** A built app that consumes a topic as a member of a group. */
export interface Candidate {
  readonly main: string;
  readonly groupId: string;
  readonly topic: string;
  readonly env: Readonly<Record<string, string>>;
  /** Flags of Node that differ from those of the other candidates. */
  readonly flags?: readonly string[];
}

/**
 * Starts an app with a backlog, and measures from the end of the warm-up until its group has committed the last offset.
 * By then every effect is durable, every outcome is stored, and every requested reply is published.
 * @param backlog messages that the group has not committed
 * @param uncounted how many of them are not counted
 */
export async function workOff(
  servers: BenchServers,
  broker: Broker,
  candidate: Candidate,
  backlog: number,
  uncounted: number,
): Promise<Stretch> {
  const { groupId, topic } = candidate;
  const all = await broker.written(topic);
  const child = start(servers, candidate);
  const meter = new Meter({ app: child.pid, ...servers.pids });
  const before = await child.during(broker.untilCommitted(groupId, topic, all - backlog + uncounted));
  const begin = meter.mark();
  await child.during(broker.untilCommitted(groupId, topic, all));
  const end = meter.mark();
  await child.stop();
  return between(begin, end, all - before);
}

/** Starts an app with a backlog, and returns its peak of memory in MiB until the backlog is processed. */
export async function peakOf(
  servers: BenchServers,
  broker: Broker,
  candidate: Candidate,
  tell: (left: number) => void,
): Promise<number> {
  const { groupId, topic } = candidate;
  const all = await broker.written(topic);
  const child = start(servers, candidate);
  let told = performance.now();
  const tellNowAndThen = (committed: number) => {
    if (performance.now() - told < TELL_MS) return;
    told = performance.now();
    tell(all - committed);
  };
  await child.during(broker.untilCommitted(groupId, topic, all, tellNowAndThen));
  const peak = peakMiB(child.pid);
  await child.stop();
  return peak;
}

export function start(servers: BenchServers, { main, env, flags }: Candidate): Child {
  const variables = {
    KAFKA_BROKERS: servers.kafka,
    EVENTSTORE_URL: servers.eventStore,
    DATABASE_URL: servers.postgres,
    LOG_LEVEL: 'warn',
    ...env,
  };
  return startChild(main, variables, flags);
}
