import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadConfig, TracingConfig } from '#libs/platform';
import { VerifyConfig } from '../../apps/replay/src/config.js';
import { WORKERS } from '../../apps/projector/src/workers.js';
import { isThere, KUBERNETES, textOf, writtenManifests } from './support/files.js';
import {
  APPS,
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

const configMap = Object.fromEntries(
  textOf('deploy/kubernetes/base/config.env')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
);

const apps = Object.keys(APPS) as AppName[];
const LABELS = { 'app.kubernetes.io/component': 'inbox' };
const environment = (app: AppName) => environmentOf(containerOf(app), LABELS, configMap);

describe('the environment of each app', () => {
  it.each(apps)('has only variables that the app knows: %s', (app) => {
    const known = [...Object.keys(new APPS[app].Config()), ...KNOWN_TO_ALL];
    expect(
      containerOf(app)
        .env.map(({ name }) => name)
        .filter((name) => !known.includes(name)),
    ).toEqual([]);
  });

  it.each(apps)('is one that the app starts with: %s', (app) => {
    expect(() => loadConfig<object>(APPS[app].Config, environment(app))).not.toThrow();
  });

  it('takes all that is in the ConfigMap, and nothing that is not', () => {
    const asked = allContainers
      .flatMap(({ env }) => env)
      .flatMap(({ valueFrom }) => valueFrom?.configMapKeyRef ?? [])
      .filter(({ optional }) => optional !== true)
      .map(({ key }) => key);
    expect([...new Set(asked)].toSorted()).toEqual(Object.keys(configMap).toSorted());
  });

  it.each(apps)('has a place for the traces’ collector, which no overlay of ours names: %s', (app) => {
    const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.observability:4318' };
    const share = { OTEL_TRACES_SAMPLER_ARG: '0.1' };
    const named = environmentOf(containerOf(app), LABELS, { ...configMap, ...collector, ...share });
    expect(loadConfig(TracingConfig, named)).toEqual({ ...collector, OTEL_TRACES_SAMPLER_ARG: 0.1 });
    expect(environment(app)).not.toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  it('has the policy that the code has by default', () => {
    const command = loadConfig(APPS.command.Config, environment('command'));
    const notification = loadConfig(APPS.notification.Config, environment('notification'));
    const defaults = new APPS.command.Config();
    for (const name of [
      'INVITATION_LIMIT',
      'RESTRICT_AFTER_DECLINES',
      'FOLLOW_UP_INTERVAL',
      'REMINDERS',
      'REMINDER_VALIDITY',
    ] as const) {
      expect(command[name]).toEqual(defaults[name]);
    }
    expect(notification.INVITATION_MAIL_INTERVAL).toBe(
      new APPS.notification.Config().INVITATION_MAIL_INTERVAL,
    );
  });

  it('has one schedule of reminders for the app that decides and the worker that asks it (D6)', () => {
    for (const name of ['REMINDERS', 'REMINDER_VALIDITY']) {
      const sources = (['command', 'projector'] as const).map(
        (app) => containerOf(app).env.find((variable) => variable.name === name)?.valueFrom,
      );
      expect(sources[0]?.configMapKeyRef?.key).toBe(name);
      expect(sources[1]).toEqual(sources[0]);
    }
  });

  it('gives every instance of the api a name that it keeps', () => {
    expect(workloadOf('api').kind).toBe('StatefulSet');
    expect(environment('api')['INSTANCE_ID']).toBe('api-0');
  });

  it('is all that verify needs, with users of its own', () => {
    const verify = allContainers.find(({ name }) => name === 'verify')!;
    const [main, command] = verify.args!.slice(-2);
    expect(isThere(main!.replace('dist/', '').replace('.js', '.ts'))).toBe(true);
    expect(isThere(`apps/replay/src/verify/${command}.ts`)).toBe(true);
    expect(() => loadConfig(VerifyConfig, environmentOf(verify, {}, {}))).not.toThrow();
    expect(verify.env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)).toEqual(
      verify.env.map(() => 'invitations-replay'),
    );
  });

  it('tells the jobs only where the database is, for they run before the release has its ConfigMap', () => {
    for (const container of allContainers.filter(({ image }) => image === 'invitations/migrate')) {
      expect(container.env.map(({ name }) => name)).toEqual(['DATABASE_URL']);
    }
  });
});

describe('each projection', () => {
  const folder = join(KUBERNETES, 'base/projections');
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

  it('has a deployment, and each deployment is a projection', () => {
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
  it.each(apps)('is asked on the port that it listens on: %s', (app) => {
    const { Config, port } = APPS[app];
    const config = loadConfig<object>(Config, environment(app)) as Record<string, unknown>;
    expect(containerOf(app).ports).toEqual([{ name: 'http', containerPort: config[port] }]);
    const service = manifests.find(({ kind, metadata }) => kind === 'Service' && metadata.name === app)!;
    expect(service.spec).toMatchObject({ ports: [{ port: config[port], targetPort: 'http' }] });
  });

  it.each(apps)('lives as long as it answers, and is ready when it can work: %s', (app) => {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(app);
    expect(startupProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
    expect(livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
    expect(readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
  });

  it.each(apps)('has the time to stop that it takes: %s', (app) => {
    const deadline = /STOP_DEADLINE_MS = ([\d_]+);/.exec(textOf('libs/platform/src/run-app.ts'))![1]!;
    const { lifecycle } = containerOf(app);
    const takes = Number(deadline.replaceAll('_', '')) / 1000 + (lifecycle?.preStop.sleep.seconds ?? 0);
    expect(workloadOf(app).spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(takes);
  });

  it.each(['api', 'notification'] as const)('is no longer asked when it stops: %s', (app) => {
    expect(containerOf(app).lifecycle?.preStop.sleep.seconds).toBeGreaterThanOrEqual(5);
  });

  it.each(apps)('is spread over zones and nodes, and is never drained away as a whole: %s', (app) => {
    const { topologySpreadConstraints } = workloadOf(app).spec.template.spec;
    const labels = { 'app.kubernetes.io/name': app };
    expect(topologySpreadConstraints).toMatchObject([
      { topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels: labels } },
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
    ]);
    expect(
      manifests.filter(({ kind }) => kind === 'PodDisruptionBudget').map(({ spec }) => spec),
    ).toContainEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
  });

  it.each(apps)('has no fixed number of replicas that would fight the autoscaler: %s', (app) => {
    expect(workloadOf(app).spec.replicas).toBeUndefined();
  });
});

describe('each container', () => {
  const named = allContainers.map((container): [string, Container] => [
    `${container.image} ${container.name}`,
    container,
  ]);

  it.each(named)('can do nothing but its work: %s', (_name, { securityContext }) => {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it.each(named)('has a bounded memory and no bounded CPU: %s', (_name, { resources }) => {
    const mebibytes = (text: string | undefined) => Number(/^(\d+)Mi$/.exec(text ?? '')?.[1]);
    expect(Object.keys(resources.limits)).toEqual(['memory']);
    expect(mebibytes(resources.limits['memory'])).toBeGreaterThan(mebibytes(resources.requests['memory']));
    expect(resources.requests['cpu']).toMatch(/^\d+m$/);
  });

  it('is in a pod that is nobody in particular', () => {
    for (const { spec } of withPods(manifests)) {
      expect(spec.template.spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      });
    }
  });

  it('gets its secrets by reference alone', () => {
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret');
    const secrets = allContainers
      .flatMap(({ env }) => env)
      .filter(({ name }) => /_KEYS$|DATABASE_URL|EVENTSTORE_URL|SMTP_URL/.test(name));
    expect(secrets.length).toBeGreaterThan(8);
    for (const { name, valueFrom } of secrets) expect(valueFrom?.secretKeyRef?.key).toBe(name);
  });
});
