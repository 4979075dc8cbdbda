import { startChild, type Child } from '../support/child.js';
import { between, Meter, peakMiB, type Stretch } from '../support/meter.js';
import type { BenchServers } from '../support/servers.js';
import type { Broker } from './broker.js';

/** Between two lines of progress. */
const TELL_MS = 10_000;

/** A built app that works off a topic as a member of a group. */
export interface Contestant {
  readonly main: string;
  readonly groupId: string;
  readonly topic: string;
  readonly env: Readonly<Record<string, string>>;
  /** Of Node's, where they are not what every contestant has. */
  readonly flags?: readonly string[];
}

/**
 * Starts an app before a backlog that is there already, and measures from when it is warm until its group has committed
 * the last offset: by then every effect is durable and every outcome is stored and, where asked for, answered.
 * @param backlog messages that the group has not yet done
 * @param uncounted how many of them are not counted
 */
export async function workOff(
  servers: BenchServers,
  broker: Broker,
  contestant: Contestant,
  backlog: number,
  uncounted: number,
): Promise<Stretch> {
  const { groupId, topic } = contestant;
  const all = await broker.written(topic);
  const child = start(servers, contestant);
  const meter = new Meter({ app: child.pid, ...servers.pids });
  const before = await child.during(broker.untilCommitted(groupId, topic, all - backlog + uncounted));
  const begin = meter.mark();
  await child.during(broker.untilCommitted(groupId, topic, all));
  const end = meter.mark();
  await child.stop();
  return between(begin, end, all - before);
}

/** Starts an app before a backlog, and tells the most memory that it held until that was done, in MiB. */
export async function peakOf(
  servers: BenchServers,
  broker: Broker,
  contestant: Contestant,
  tell: (left: number) => void,
): Promise<number> {
  const { groupId, topic } = contestant;
  const all = await broker.written(topic);
  const child = start(servers, contestant);
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

export function start(servers: BenchServers, { main, env, flags }: Contestant): Child {
  const variables = {
    KAFKA_BROKERS: servers.kafka,
    EVENTSTORE_URL: servers.eventStore,
    DATABASE_URL: servers.postgres,
    LOG_LEVEL: 'warn',
    ...env,
  };
  return startChild(main, variables, flags);
}
