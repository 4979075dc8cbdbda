import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { docker, dockerWithInput, IMAGES } from './docker.js';

/** What deploy/.env would contain. */
Object.assign(process.env, {
  POSTGRES_PASSWORD: randomBytes(16).toString('hex'),
  TEXT_KEYS: `t1:${randomBytes(32).toString('base64url')}`,
  LINK_KEYS: `k1:${randomBytes(32).toString('base64url')}`,
  INTERNAL_SECRETS: randomBytes(32).toString('hex'),
});

/** There are no stand-ins for Grafana and the exporter of Kafka. The servers that an app needs start with it. */
const WITH_STAND_INS = ['command', 'projector', 'notification', 'api', 'prometheus'];

export const NETWORK = 'invitations_default';

const COMPOSE = ['compose', '--file', 'deploy/compose.yaml'];

export const compose = (...args: readonly string[]): Promise<string> => docker(...COMPOSE, ...args);

/** Returns when every service is healthy. @throws with the logs of all services */
export async function composeUp(): Promise<void> {
  try {
    await compose('up', '--wait', '--quiet-pull', ...(IMAGES === 'stand-ins' ? WITH_STAND_INS : []));
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await compose('logs', '--no-color', '--tail', '15')}`, {
      cause: error,
    });
  }
}

interface Service {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck: { readonly test: readonly string[] };
}

/** A service with all variables replaced. */
export async function composeService(name: string): Promise<Service> {
  const { services } = JSON.parse(await compose('config', '--format', 'json')) as {
    services: Record<string, Service>;
  };
  return services[name]!;
}

/** Publishes the sample members, as deploy/README.md describes. */
export async function publishMembers(): Promise<void> {
  const lines = readFileSync('examples/members.jsonl', 'utf8').trimEnd().split('\n');
  const keyed = lines.map((line) => `${(JSON.parse(line) as { id: string }).id}\t${line}\n`).join('');
  const producer = ['/opt/kafka/bin/kafka-console-producer.sh', '--bootstrap-server', 'kafka:29092'];
  const options = ['--topic', 'members.profiles', '--property', 'parse.key=true'];
  await dockerWithInput(keyed, ...COMPOSE, 'exec', '-T', 'kafka', ...producer, ...options);
}

export const tokenOf = (member: string): Promise<string> =>
  compose('exec', '-T', 'identity', 'node', '/app/identity.mjs', 'token', '/keys', member);
