import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { environmentOf } from '../../../deploy/support/workloads.js';
import { PROJECT } from '../../../deploy/support/files.js';
import type { AppName, Deployed } from '../../../support/deployed.js';
import { kafkaCluster, type Cluster } from './cluster.js';

/** How a command ended. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command as `kubectl exec` would: an app's tool with the variables of the pod, but with the addresses of the
 * test's servers.
 * @throws if the pod's image does not contain the tool, or the container does not have the port
 */
export async function inPod(
  target: string,
  command: readonly string[],
  cluster: Cluster,
  deployed: Deployed,
  stdin = '',
): Promise<Answer> {
  const { image, ports, env } = cluster.container(target);
  const app = /\binvitations\/(\w+)[:@]/.exec(image)?.[1] as AppName;
  const [program, main, ...args] = command;
  if (program !== 'node') throw new Error(`there is no ${program} in ${image}`);
  if (main === '-e') {
    const [code, port] = args as [string, string];
    if (!ports!.some(({ containerPort }) => String(containerPort) === port))
      throw new Error(`${app} does not listen on ${port}`);
    return run(['-e', code, new URL(deployed.url(app)).port], {});
  }
  if (!main!.startsWith(`dist/apps/${app}/`)) throw new Error(`${image} has no ${main}`);
  const { labels } = cluster.workloadOf(target).spec.template.metadata;
  const variables = environmentOf({ ...cluster.container(target), env }, labels, cluster.configMap);
  return run([main!, ...args], onServersHere(variables, deployed), stdin);
}

/** Returns the log of the job's pod. For that, it runs here what the job would run there. */
export async function inJob(name: string, cluster: Cluster, deployed: Deployed): Promise<Answer> {
  const container = cluster.jobContainer(name);
  const variables = onServersHere(environmentOf(container, {}, cluster.configMap), deployed);
  const { code, stdout, stderr } = await run(container.args!, variables);
  // kubectl prints only the lines. The exit code 1 also means a difference.
  return { code: code > 1 ? code : 0, stdout: `${stdout}${stderr}`, stderr: '' };
}

function onServersHere(variables: Readonly<Record<string, string>>, deployed: Deployed) {
  const here: Record<string, string> = {
    KAFKA_BROKERS: deployed.brokers,
    EVENTSTORE_URL: deployed.eventStore,
    DATABASE_URL: deployed.postgres,
  };
  const known = Object.entries(here).filter(([name]) => name in variables);
  // All pods from which operators read the event store may read the log, and no more.
  const login = 'EVENTSTORE_URL' in variables ? deployed.eventStoreLogins.projector : {};
  return { ...variables, ...Object.fromEntries(known), ...login };
}

async function run(args: readonly string[], env: Record<string, string>, stdin = ''): Promise<Answer> {
  const child = spawn(process.execPath, args, { cwd: PROJECT, env, stdio: ['pipe', 'pipe', 'pipe'] });
  // A tool that does not read it may have ended.
  child.stdin.on('error', () => undefined).end(stdin);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

/** Acts as a broker's pod: runs Kafka's tool for consumer groups, of which it checks only the arguments. */
export function inBroker(pod: string, command: readonly string[], cluster: Cluster): Answer {
  const kafka = kafkaCluster();
  if (!pod.startsWith(`${kafka.name}-`)) throw new Error(`${pod} is no broker of ${kafka.name}`);
  const [tool, ...args] = command;
  if (tool !== 'bin/kafka-consumer-groups.sh') throw new Error(`Kafka has no ${tool}`);
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    options: {
      'bootstrap-server': text,
      group: text,
      topic: text,
      describe: yes,
      members: yes,
      'reset-offsets': yes,
      'to-earliest': yes,
      'to-datetime': text,
      execute: yes,
    },
  });
  const resets = values['reset-offsets'] === true;
  cluster.checkGroup(values.group!, resets);
  const { topic, 'to-datetime': moment } = values;
  if (topic !== undefined && !kafka.topics.includes(topic)) throw new Error(`there is no topic ${topic}`);
  if (moment !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/.test(moment))
    throw new Error(moment);
  const isWhole = resets
    ? topic !== undefined && (values['to-earliest'] === true) !== (moment !== undefined) && values.execute
    : values.describe;
  if (isWhole !== true) throw new Error(`missing option: ${args.join(' ')}`);
  return { code: 0, stdout: '', stderr: '' };
}
