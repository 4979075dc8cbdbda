import { parseArgs } from 'node:util';
import { LocalKafka } from './cluster.js';
import { KAFKA_VERSION } from './fetch.js';
import type { ClusterSettings } from './properties.js';

const USAGE = `Usage: npm run kafka:local [-- --brokers 1|3] [--rebalance-delay <milliseconds>]

Runs Apache Kafka ${KAFKA_VERSION} on this machine, in KRaft mode, until Ctrl-C. It needs Java 17; Maven fetches Kafka once.
  --brokers          how many nodes, each broker and controller (default 1)
  --rebalance-delay  group.initial.rebalance.delay.ms (default 3000, as Kafka has it)
  --help             this text

Its address goes to standard output. What is in it is gone when it stops.`;

const asked = settings();
if (asked === 'help') console.log(USAGE);
else if (typeof asked === 'string') {
  console.error(`${asked}\n\n${USAGE}`);
  process.exitCode = 2;
} else await run(asked);

async function run(asked: ClusterSettings): Promise<void> {
  const since = performance.now();
  const kafka = new LocalKafka(asked);
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    await kafka.stop();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
  onceOrphaned(() => void stop(0));
  try {
    await kafka.start();
  } catch (error) {
    if (stopping) return;
    console.error(`cannot start: ${(error as Error).message}`);
    return stop(1);
  }
  const seconds = ((performance.now() - since) / 1_000).toFixed(1);
  const nodes = asked.brokers === 1 ? 'one broker' : `${asked.brokers} brokers`;
  console.log(`Apache Kafka ${KAFKA_VERSION}, ${nodes}, is ready after ${seconds} s:
KAFKA_BROKERS=${kafka.brokers}
Ctrl-C stops it.`);
}

/** npm's shell does not pass on every signal. When it was killed, this process is orphaned and ends, too. */
function onceOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, 1_000);
  timer.unref();
}

/** Returns the settings of the command line, or what is wrong with it. */
function settings(): ClusterSettings | string {
  try {
    const { values } = parseArgs({
      options: {
        brokers: { type: 'string', default: '1' },
        'rebalance-delay': { type: 'string', default: '3000' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return 'help';
    const brokers = Number(values.brokers);
    if (brokers !== 1 && brokers !== 3) return '--brokers is 1 or 3';
    if (!/^\d{1,6}$/.test(values['rebalance-delay'])) return '--rebalance-delay is a number of milliseconds';
    return { brokers, initialRebalanceDelayMs: Number(values['rebalance-delay']) };
  } catch (error) {
    return (error as Error).message;
  }
}
