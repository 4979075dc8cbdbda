import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { INSTALLATION_USERS } from '#libs/event-store';
import { loadConfig, TracingConfig } from '#libs/platform';
import { RepairConfig, VerifyConfig } from '../../apps/replay/src/config.js';
import { WORKERS } from '../../apps/projector/src/workers.js';
import { isThere, KUBERNETES, textOf, writtenManifests } from './support/files.js';
import {
  APPS,
  configOf,
  environmentOf,
  KNOWN_TO_ALL,
  withPods,
  workloadsOf,
  type AppName,
  type Container,
} from './support/workloads.js';

const manifests = writtenManifests().map(({ manifest }) => manifest);
const workloads = workloadsOf(manifests);
const workloadOf = (app: AppName) => workloads.find(({ metadata }) => metadata.name === app)!;
const containerOf = (app: AppName) => workloadOf(app).spec.template.spec.containers[0]!;
const allContainers = withPods(manifests).flatMap(({ spec: { template } }) => [
  ...(template.spec.initContainers ?? []),
  ...template.spec.containers,
]);

const configMap = configOf('production');

const apps = Object.keys(APPS) as AppName[];
const LABELS = { 'app.kubernetes.io/component': 'inbox' };
const environment = (app: AppName) => environmentOf(containerOf(app), LABELS, configMap);

describe('the environment of each app', () => {
  it.each(apps)('contains only variables that the app knows: %s', (app) => {
    const known = [...Object.keys(new APPS[app].Config()), ...KNOWN_TO_ALL];
    expect(
      containerOf(app)
        .env.map(({ name }) => name)
        .filter((name) => !known.includes(name)),
    ).toEqual([]);
  });

  it.each(apps)('lets the app start: %s', (app) => {
    expect(() => loadConfig<object>(APPS[app].Config, environment(app))).not.toThrow();
  });

  it('uses every entry of the ConfigMap, and no other', () => {
    const asked = allContainers
      .flatMap(({ env }) => env)
      .flatMap(({ valueFrom }) => valueFrom?.configMapKeyRef ?? [])
      .filter(({ optional }) => optional !== true)
      .map(({ key }) => key);
    expect([...new Set(asked)].toSorted()).toEqual(Object.keys(configMap).toSorted());
  });

  it.each(apps)('accepts the address of a trace collector, which none of our overlays sets: %s', (app) => {
    const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.observability:4318' };
    const share = { OTEL_TRACES_SAMPLER_ARG: '0.1' };
    const named = environmentOf(containerOf(app), LABELS, { ...configMap, ...collector, ...share });
    expect(loadConfig(TracingConfig, named)).toEqual({ ...collector, OTEL_TRACES_SAMPLER_ARG: 0.1 });
    expect(environment(app)).not.toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  it('has the default policy of the code', () => {
    const command = loadConfig(APPS.command.Config, environment('command'));
    const notification = loadConfig(APPS.notification.Config, environment('notification'));
    const defaults = new APPS.command.Config();
    for (const name of [
      'INVITATION_LIMIT',
      'RESTRICT_AFTER_DECLINES',
      'FOLLOW_UP_INTERVAL',
      'REMINDERS',
      'REMINDER_VALIDITY',
      'INVITATION_EXPIRY',
    ] as const) {
      expect(command[name]).toEqual(defaults[name]);
    }
    const mail = new APPS.notification.Config();
    for (const name of ['INVITATION_MAIL_INTERVAL', 'MAIL_MAX_AGE'] as const) {
      expect(notification[name]).toBe(mail[name]);
    }
  });

  it('has the same reminder schedule for the app that decides and the worker that issues reminders (D6)', () => {
    for (const name of ['REMINDERS', 'REMINDER_VALIDITY', 'INVITATION_EXPIRY']) {
      const sources = (['command', 'projector'] as const).map(
        (app) => containerOf(app).env.find((variable) => variable.name === name)?.valueFrom,
      );
      expect(sources[0]?.configMapKeyRef?.key).toBe(name);
      expect(sources[1]).toEqual(sources[0]);
    }
  });

  it('has the same limit for the app that decides and the pages that tell of it (R2)', () => {
    const sources = (['command', 'api'] as const).map(
      (app) => containerOf(app).env.find(({ name }) => name === 'INVITATION_LIMIT')?.valueFrom,
    );
    expect(sources[0]?.configMapKeyRef?.key).toBe('INVITATION_LIMIT');
    expect(sources[1]).toEqual(sources[0]);
  });

  it('gives every instance of the api a stable name', () => {
    expect(workloadOf('api').kind).toBe('StatefulSet');
    expect(environment('api')['INSTANCE_ID']).toBe('api-0');
  });

  it('gives verify all variables that it needs, with database users of its own', () => {
    const verify = allContainers.find(({ name }) => name === 'verify')!;
    const [main, command, option] = verify.args!.slice(-3);
    expect(isThere(main!.replace('dist/', '').replace('.js', '.ts'))).toBe(true);
    expect(isThere(`apps/replay/src/${command}/${command}.command.ts`)).toBe(true);
    expect(option).toBe('--repair');
    const environment = environmentOf(verify, {}, configMap);
    expect(() => loadConfig(VerifyConfig, environment)).not.toThrow();
    expect(() => loadConfig(RepairConfig, environment)).not.toThrow();
    const secret = verify.env.filter(({ valueFrom }) => valueFrom?.configMapKeyRef === undefined);
    expect(secret.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)).toEqual(
      secret.map(() => 'invitations-replay'),
    );
  });

  it('gives the migration jobs only what a Secret has, because they run before the ConfigMaps of the release exist', () => {
    for (const container of allContainers.filter(({ image }) => image === 'invitations/migrate')) {
      expect(container.env.map(({ name }) => name)).toEqual([
        'DATABASE_URL',
        'DATABASE_PASSWORD_FILE',
        'DATABASE_CA_FILE',
        'DATABASE_CERT_FILE',
        'DATABASE_KEY_FILE',
      ]);
      expect(container.env.every(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined)).toBe(true);
      expect(container.envFrom).toBeUndefined();
    }
  });
});

describe('each projection', () => {
  const folder = join(KUBERNETES, 'base/projections');
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

  it('has a deployment, and each deployment has a projection', () => {
    expect(folders.map(({ name }) => name).toSorted()).toEqual([...WORKERS].toSorted());
  });

  it.each(WORKERS)('runs the worker that its folder is named after: %s', (worker) => {
    const { nameSuffix, labels } = parse(
      textOf(`deploy/kubernetes/base/projections/${worker}/kustomization.yaml`),
    ) as { nameSuffix: string; labels: { pairs: Record<string, string> }[] };
    expect(nameSuffix).toBe(`-${worker}`);
    const env = environmentOf(containerOf('projector'), labels[0]!.pairs, configMap);
    expect(loadConfig(APPS.projector.Config, env).WORKERS).toEqual([worker]);
  });
});

describe('each app', () => {
  it.each(apps)('is probed on the port that it listens on: %s', (app) => {
    const { Config, port } = APPS[app];
    const config = loadConfig<object>(Config, environment(app)) as Record<string, unknown>;
    expect(containerOf(app).ports).toEqual([{ name: 'http', containerPort: config[port] }]);
    const service = manifests.find(({ kind, metadata }) => kind === 'Service' && metadata.name === app)!;
    expect(service.spec).toMatchObject({ ports: [{ port: config[port], targetPort: 'http' }] });
  });

  it.each(apps)('has a liveness and a readiness probe: %s', (app) => {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(app);
    expect(startupProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
    expect(livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
    expect(readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
  });

  it.each(apps)('has enough time to stop: %s', (app) => {
    const deadline = /STOP_DEADLINE_MS = ([\d_]+);/.exec(textOf('libs/platform/src/run-app.ts'))![1]!;
    const { lifecycle } = containerOf(app);
    const takes = Number(deadline.replaceAll('_', '')) / 1000 + (lifecycle?.preStop.sleep.seconds ?? 0);
    expect(workloadOf(app).spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(takes);
  });

  it.each(['api', 'notification'] as const)('gets no requests any more when it stops: %s', (app) => {
    expect(containerOf(app).lifecycle?.preStop.sleep.seconds).toBeGreaterThanOrEqual(5);
  });

  it.each(apps)('is spread over zones and nodes, and cannot be drained as a whole: %s', (app) => {
    const { topologySpreadConstraints } = workloadOf(app).spec.template.spec;
    const labels = { 'app.kubernetes.io/name': app };
    expect(topologySpreadConstraints).toMatchObject([
      { topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels: labels } },
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
    ]);
    expect(
      manifests.filter(({ kind }) => kind === 'PodDisruptionBudget').map(({ spec }) => spec),
    ).toContainEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: labels },
    });
  });

  it.each(apps)('has no fixed number of replicas, which would conflict with the autoscaler: %s', (app) => {
    expect(workloadOf(app).spec.replicas).toBeUndefined();
  });
});

describe('each container', () => {
  const named = allContainers.map((container): [string, Container] => [
    `${container.image} ${container.name}`,
    container,
  ]);

  it.each(named)('has no privileges: %s', (_name, { securityContext }) => {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it.each(named)('has a memory limit and no CPU limit: %s', (_name, { resources }) => {
    const mebibytes = (text: string | undefined) => Number(/^(\d+)Mi$/.exec(text ?? '')?.[1]);
    expect(Object.keys(resources.limits)).toEqual(['memory']);
    expect(mebibytes(resources.limits['memory'])).toBeGreaterThan(mebibytes(resources.requests['memory']));
    expect(resources.requests['cpu']).toMatch(/^\d+m$/);
  });

  it('runs as an unprivileged user', () => {
    for (const { spec } of withPods(manifests)) {
      expect(spec.template.spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      });
    }
  });

  it('gets its secrets by reference only', () => {
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret');
    const secrets = allContainers
      .flatMap(({ env }) => env)
      .filter(({ name }) => /_KEYS$|DATABASE_URL|EVENTSTORE_URL|SMTP_URL/.test(name));
    expect(secrets.length).toBeGreaterThan(8);
    for (const { name, valueFrom } of secrets) expect(valueFrom?.secretKeyRef?.key).toBe(name);
  });
});

describe('the users of the event store', () => {
  interface Secrets {
    readonly name: string;
    readonly items: readonly { readonly key: string; readonly path: string }[];
  }
  /** The files of Secrets that a pod has, by the Secret. */
  const filesOf = (name: string, secret: string): Record<string, string> => {
    const { spec } = withPods(manifests).find(({ metadata }) => metadata.name === name)!.spec
      .template as unknown as {
      spec: { volumes: { projected: { sources: { secret: Secrets }[] } }[] };
    };
    const sources = spec.volumes.flatMap(({ projected }) => projected.sources.map((source) => source.secret));
    const found = sources.filter((source) => source.name === secret).flatMap(({ items }) => items);
    return Object.fromEntries(found.map(({ key, path }) => [path, key]));
  };
  const USERS = 'invitations-eventstore-users';

  it('are created by a Job that has the password of each user, and of an administrator', () => {
    const container = allContainers.find(({ name }) => name === 'event-store-users')!;
    const [main, option, directory, ...flags] = container.args!;
    expect(isThere(main!.replace('dist/', '').replace('.js', '.ts'))).toBe(true);
    expect([option, directory, flags]).toEqual([
      '--passwords',
      '/var/run/secrets/invitations/eventstore-users',
      ['--yes'],
    ]);
    expect(filesOf('event-store-users', USERS)).toEqual(
      Object.fromEntries(INSTALLATION_USERS.map(({ login }) => [`eventstore-users/${login}`, login])),
    );
    const environment = environmentOf(container, {}, configMap);
    for (const [, file] of Object.entries(environment).filter(([name]) => name.endsWith('_FILE')))
      expect(file).toMatch(/^\/var\/run\/secrets\/invitations\/eventstore\/(password|ca\.crt)$/);
  });

  it.each([
    ['command', 'invitations-command'],
    ['projector', 'invitations-projector'],
    ['verify', 'invitations-replay'],
  ])('have their password in the pods of one workload only: %s', (workload, login) => {
    expect(filesOf(workload, USERS)).toEqual({
      'eventstore/password': login,
      'eventstore/tls.crt': `${login}.crt`,
      'eventstore/tls.key': `${login}.key`,
    });
    expect(filesOf(workload, 'invitations-eventstore')).not.toHaveProperty('eventstore/password');
    const container = allContainers.find(({ name }) => name === workload)!;
    const settings = {
      ...configMap,
      EVENTSTORE_PASSWORD_FILE: '/var/run/secrets/invitations/eventstore/password',
      EVENTSTORE_CA_FILE: '/var/run/secrets/invitations/eventstore/ca.crt',
      EVENTSTORE_CERT_FILE: '/var/run/secrets/invitations/eventstore/tls.crt',
      EVENTSTORE_KEY_FILE: '/var/run/secrets/invitations/eventstore/tls.key',
      [`EVENTSTORE_USERNAME_${login.replace('invitations-', '').toUpperCase()}`]: login,
    };
    expect(environmentOf(container, LABELS, settings)).toMatchObject({
      EVENTSTORE_USERNAME: login,
      EVENTSTORE_PASSWORD_FILE: settings.EVENTSTORE_PASSWORD_FILE,
      EVENTSTORE_CA_FILE: settings.EVENTSTORE_CA_FILE,
      EVENTSTORE_CERT_FILE: settings.EVENTSTORE_CERT_FILE,
      EVENTSTORE_KEY_FILE: settings.EVENTSTORE_KEY_FILE,
    });
    expect(environmentOf(container, LABELS, configMap)).not.toHaveProperty('EVENTSTORE_USERNAME');
  });
});
