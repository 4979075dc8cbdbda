import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadConfig } from '#libs/platform';
import { openKeySet } from '../../apps/api/src/identity/key-set.js';
import { TokenVerifier } from '../../apps/api/src/identity/token-verifier.js';
import { newFolder, removeFolder } from '../support/standalone.js';
import { until } from '../support/until.js';
import { stagesOf } from './support/dockerfile.js';
import { isThere, textOf } from './support/files.js';
import { faultsOfCompose } from './support/schemas.js';
import { APPS, KNOWN_TO_ALL, type AppName } from './support/workloads.js';

interface Service {
  readonly image: string;
  readonly build?: { readonly dockerfile: string; readonly target: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly restart?: string;
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
}

const read = () =>
  parse(textOf('deploy/compose.yaml'), { merge: true }) as {
    name: string;
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
  };
const { services, volumes } = read();
const all = Object.entries(services);
const apps = Object.keys(APPS) as AppName[];

/** The content of deploy/.env. */
const DOT_ENV: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: 'secret',
  INTERNAL_SECRETS: Buffer.alloc(32, 9).toString('base64url'),
  TEXT_KEYS: `t1:${Buffer.alloc(32, 6).toString('base64url')}`,
  LINK_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64url')}`,
};
const environment = (name: string) =>
  Object.fromEntries(
    Object.entries(services[name]!.environment ?? {}).map(([key, value]) => [
      key,
      value.replaceAll(
        /\$\{(\w+):\?[^}]*\}/g,
        (_all, variable: string) => DOT_ENV[variable] ?? `no ${variable}`,
      ),
    ]),
  );
const portOf = (app: AppName) =>
  (loadConfig<object>(APPS[app].Config, environment(app)) as Record<string, unknown>)[APPS[app].port];

describe('deploy/compose.yaml', () => {
  it('conforms to the Compose Specification, by a check that finds a typo', () => {
    expect(faultsOfCompose(read())).toEqual([]);
    const slip = read();
    Object.assign(slip.services['api']!, { enviroment: {} });
    expect(faultsOfCompose(slip).join()).toContain('enviroment');
  });

  it.each(apps)('gives an app only variables that it knows, and all that it requires: %s', (app) => {
    const known = [...Object.keys(new APPS[app].Config()), ...KNOWN_TO_ALL];
    expect(Object.keys(environment(app)).filter((name) => !known.includes(name))).toEqual([]);
    expect(() => loadConfig<object>(APPS[app].Config, environment(app))).not.toThrow();
  });

  it.each(apps)('probes the readiness of an app on its own port, and grants its stop timeout: %s', (app) => {
    expect(services[app]!.healthcheck?.test.at(-1)).toContain(
      `http://127.0.0.1:${String(portOf(app))}/readyz`,
    );
    expect(parseInt(services[app]!.stop_grace_period ?? '0', 10)).toBeGreaterThan(20);
  });

  it.each(all)(
    'waits only for conditions that can come true: %s',
    (_name, { depends_on: dependsOn = {} }) => {
      const conditions = Array.isArray(dependsOn)
        ? dependsOn.map((name): [string, string] => [String(name), 'service_started'])
        : Object.entries(dependsOn).map(([name, { condition }]): [string, string] => [name, condition]);
      const canCome: Record<string, (other: Service) => boolean> = {
        service_started: () => true,
        service_healthy: ({ healthcheck }) => healthcheck !== undefined,
        // A service that is restarted never completes.
        service_completed_successfully: ({ restart }) => restart === undefined,
      };
      for (const [name, condition] of conditions) {
        const other = services[name];
        expect([name, condition, other && canCome[condition]?.(other)]).toEqual([name, condition, true]);
      }
    },
  );

  it.each(all)('uses a pinned image of the default registry, or builds one of ours: %s', (_name, service) => {
    const { image, build } = service;
    expect(image).toMatch(/^([a-z]+\/)?[a-z-]+:v?\d[\w.-]*$|^invitations\/[a-z]+:compose$/);
    expect(image.endsWith(':compose')).toBe(build !== undefined);
    if (build === undefined) return;
    expect(stagesOf(textOf(build.dockerfile)).map(({ name }) => name)).toContain(build.target);
  });

  it.each(all)('publishes ports on 127.0.0.1 only: %s', (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('publishes no port twice', () => {
    const ports = all.flatMap(([, { ports = [] }]) => ports.map((port) => port.split(':')[1]));
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('mounts only existing paths and volumes', () => {
    for (const [source] of all.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')),
    )) {
      const isKnown = source!.startsWith('.') ? isThere(`deploy/${source}`) : Object.hasOwn(volumes, source!);
      expect([source, isKnown]).toEqual([source, true]);
    }
  });

  it.each(apps)('addresses every server by the name of its service: %s', (app) => {
    const addresses = Object.entries(environment(app)).flatMap(([name, value]) => {
      const [, host, port] = /^(?:[a-z]+:\/\/)?(?:[^@/]*@)?([a-z][a-z.-]*):(\d+)/.exec(value) ?? [];
      return host === undefined || name === 'AUTH_ISSUER' ? [] : [{ name, host, port: port! }];
    });
    expect(addresses.length).toBeGreaterThan(1);
    for (const { name, host } of addresses)
      expect([name, Object.keys(services)]).toEqual([name, expect.arrayContaining([host])]);
    const ours = addresses.filter(({ host }) => host in APPS);
    expect(ours.map(({ port }) => port)).toEqual(ours.map(({ host }) => String(portOf(host as AppName))));
  });

  it('makes Kafka listen where the apps connect, and creates no topic automatically', () => {
    const { KAFKA_ADVERTISED_LISTENERS: listeners, KAFKA_AUTO_CREATE_TOPICS_ENABLE: creates } =
      environment('kafka');
    for (const app of apps) expect(listeners).toContain(`INSIDE://${environment(app)['KAFKA_BROKERS']},`);
    expect(creates).toBe('false');
  });

  it('makes Prometheus scrape every app on its own port', () => {
    const { scrape_configs: jobs } = parse(textOf('deploy/compose/prometheus.yaml')) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    const targets = jobs.flatMap(({ static_configs }) => static_configs.flatMap(({ targets }) => targets));
    expect(targets.toSorted()).toEqual(
      [...apps.map((app) => `${app}:${String(portOf(app))}`), 'kafka-exporter:9308'].toSorted(),
    );
  });

  it('makes Grafana find the dashboards and Prometheus', () => {
    const mounted = services['grafana']!.volumes!.map((volume) => volume.split(':'));
    const provider = parse(textOf('deploy/grafana/provisioning/dashboards/invitations.yaml')) as {
      providers: { options: { path: string } }[];
    };
    expect(mounted).toContainEqual(['./grafana/dashboards', provider.providers[0]!.options.path, 'ro']);
    expect(textOf('deploy/grafana/provisioning/datasources/prometheus.yaml')).toContain(
      'http://prometheus:9090',
    );
  });

  it('reads its secrets from a file that git ignores', () => {
    const text = textOf('deploy/compose.yaml');
    const asked = new Set([...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name));
    expect(asked).toEqual(new Set(Object.keys(DOT_ENV)));
    expect(textOf('deploy/.gitignore').split('\n')).toContain('.env');
  });
});

describe('the identity provider of deploy/compose.yaml', () => {
  const folder = newFolder();
  let server: ChildProcess | undefined;

  afterAll(() => {
    server?.kill('SIGTERM');
    removeFolder(folder);
  });

  it('signs tokens that the api accepts', async () => {
    let output = '';
    server = spawn(process.execPath, ['deploy/compose/identity.mjs', 'serve', folder, '0']);
    server.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text));
    await until(() => output.includes('jwks.json'), 30_000, 'the key set');
    const token = execFileSync(
      process.execPath,
      ['deploy/compose/identity.mjs', 'token', folder, 'bilal', '--operator'],
      {
        encoding: 'utf8',
      },
    ).trim();
    const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = environment('api');
    const verifier = new TokenVerifier(await openKeySet(/http\S+/.exec(output)![0]), {
      issuer: issuer!,
      audience: audience!,
    });
    expect(await verifier.verify(token)).toEqual({ memberId: 'bilal', operator: true });
  });
});
