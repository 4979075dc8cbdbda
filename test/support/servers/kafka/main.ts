import { parseArgs } from 'node:util';
import { grantAcls, type Acl } from './acls.js';
import { LocalKafka } from './cluster.js';
import { KAFKA_VERSION } from './fetch.js';
import type { ClusterSettings } from './properties.js';
import { KafkaCredentials } from './secured-listeners.js';

const USAGE = `Usage: npm run kafka:local [-- --brokers 1|3] [--rebalance-delay <milliseconds>] [--secured]

Runs Apache Kafka ${KAFKA_VERSION} on this machine, in KRaft mode, until Ctrl-C. It needs Java 17; Maven fetches Kafka once.
  --brokers          how many nodes, each broker and controller (default 1)
  --rebalance-delay  group.initial.rebalance.delay.ms (default 3000, as Kafka has it)
  --secured          prints the variables of a user who logs in over TLS and has the ACLs that the contract suite needs
  --help             this text

Its address goes to standard output. What is in it is gone when it stops.`;

interface Options extends ClusterSettings {
  readonly isSecured: boolean;
}

const SUITE = 'contract-suite';

/** The contract suite creates topics with invalid names, and sends requests of groups without a name. */
const RIGHTS_OF_SUITE: readonly Acl[] = [
  { resource: { type: 'topic', name: '*', patternType: 'literal' }, operations: ['Create'] },
  {
    resource: { type: 'topic', name: 'contract', patternType: 'prefix' },
    operations: ['Read', 'Write', 'Delete', 'Alter', 'DescribeConfigs'],
  },
  { resource: { type: 'group', name: '*', patternType: 'literal' }, operations: ['Read'] },
  { resource: { type: 'group', name: 'contract', patternType: 'prefix' }, operations: ['Delete'] },
];

const asked = parseOptions();
if (asked === 'help') console.log(USAGE);
else if (typeof asked === 'string') {
  console.error(`${asked}\n\n${USAGE}`);
  process.exitCode = 2;
} else await run(asked);

async function run({ brokers, initialRebalanceDelayMs, isSecured }: Options): Promise<void> {
  const since = performance.now();
  const credentials = isSecured ? new KafkaCredentials([SUITE]) : undefined;
  const kafka = new LocalKafka({
    brokers,
    initialRebalanceDelayMs,
    ...(credentials === undefined ? {} : { secured: credentials.listeners }),
  });
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    await kafka.stop();
    credentials?.remove();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
  onceOrphaned(() => void stop(0));
  try {
    await kafka.start();
    if (isSecured) await grantAcls(kafka.brokers, SUITE, RIGHTS_OF_SUITE);
  } catch (error) {
    if (stopping) return;
    console.error(`cannot start: ${(error as Error).message}`);
    return stop(1);
  }
  const seconds = ((performance.now() - since) / 1_000).toFixed(1);
  const nodes = brokers === 1 ? 'one broker' : `${brokers} brokers`;
  // PLAIN, because the raw protocol client of the contract suite knows no other mechanism.
  const variables = credentials?.login(SUITE, kafka, 'plain') ?? { KAFKA_BROKERS: kafka.brokers };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  console.log(`Apache Kafka ${KAFKA_VERSION}, ${nodes}, is ready after ${seconds} s:
${lines.join('\n')}
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

/** Returns the options of the command line, or what is wrong with it. */
function parseOptions(): Options | string {
  try {
    const { values } = parseArgs({
      options: {
        brokers: { type: 'string', default: '1' },
        'rebalance-delay': { type: 'string', default: '3000' },
        secured: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return 'help';
    const brokers = Number(values.brokers);
    if (brokers !== 1 && brokers !== 3) return '--brokers is 1 or 3';
    if (!/^\d{1,6}$/.test(values['rebalance-delay'])) return '--rebalance-delay is a number of milliseconds';
    return {
      brokers,
      initialRebalanceDelayMs: Number(values['rebalance-delay']),
      isSecured: values.secured,
    };
  } catch (error) {
    return (error as Error).message;
  }
}
