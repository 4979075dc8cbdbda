import { describe, expect, it } from '@jest/globals';
import { filesBelow, textOf, writtenManifests, type Manifest } from './support/files.js';
import { configOf, SECRETS, selects, withPods, type EnvVar } from './support/workloads.js';

interface Rule {
  readonly from?: readonly unknown[];
  readonly to?: readonly unknown[];
  readonly ports?: readonly { readonly protocol: string; readonly port: number }[];
}
interface Policy extends Manifest {
  readonly spec: {
    readonly podSelector: {
      readonly matchLabels?: Readonly<Record<string, string>>;
      readonly matchExpressions?: readonly { readonly values: readonly string[] }[];
    };
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}
interface Ingress extends Manifest {
  readonly spec: {
    readonly rules: readonly { readonly http: { readonly paths: readonly { readonly path: string }[] } }[];
  };
}

const NAME = 'app.kubernetes.io/name';
const manifests = writtenManifests().map(({ manifest }) => manifest);
const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy') as Policy[];

const holdsFor = ({ spec: { podSelector } }: Policy, app: string) =>
  selects(podSelector.matchLabels ?? {}, { [NAME]: app }) &&
  (podSelector.matchExpressions ?? []).every(({ values }) => values.includes(app));

const outPorts = (app: string) =>
  policies
    .filter((policy) => policy.metadata.name !== 'dns' && holdsFor(policy, app))
    .flatMap(({ spec }) => (spec.egress ?? []).flatMap(({ ports }) => ports!.map(({ port }) => port)));

/** Returns the port in each variable that contains an address to which the app connects. */
const ADDRESSES = [
  'KAFKA_BROKERS',
  'EVENTSTORE_URL',
  'DATABASE_URL',
  'SMTP_URL',
  'AUTH_JWKS',
  'NOTIFICATION_URL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
];
const COLLECTOR = 'OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.observability:4318';
const config = Object.entries(configOf('production'))
  .map(([name, value]) => `${name}=${value}\n`)
  .concat(`${COLLECTOR}\n`)
  .join('');

function portBehind({ name, valueFrom }: EnvVar): number[] {
  if (!ADDRESSES.includes(name)) return [];
  const value =
    SECRETS[valueFrom?.secretKeyRef?.name ?? '']?.[name] ??
    new RegExp(`^${name}=(.*)$`, 'm').exec(config)![1]!;
  const port = /:(\d+)(?:[/?]|$)/.exec(value)?.[1];
  if (name === 'SMTP_URL') return [465, 587];
  // Without TLS, and the two of Strimzi's internal listeners with TLS.
  if (name === 'KAFKA_BROKERS') return [9092, 9093, 9094];
  return [port === undefined ? 443 : Number(port)];
}

describe('the network policies', () => {
  it('deny everything by default', () => {
    expect(policies.find(({ metadata }) => metadata.name === 'default-deny')!.spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  it.each(withPods(manifests).map((workload) => [workload.metadata.labels![NAME]!, workload] as const))(
    'let %s connect to the servers in its environment and nowhere else',
    (app, { spec }) => {
      const needed = spec.template.spec.containers.flatMap(({ env }) => env.flatMap(portBehind));
      expect(outPorts(app).toSorted()).toEqual(needed.toSorted());
    },
  );

  it('admit Prometheus to every app, the ingress controller to the api, the api to the preferences, and nobody else', () => {
    const from = policies.flatMap(({ spec }) =>
      (spec.ingress ?? []).map(({ from, ports }) => ({
        to: spec.podSelector.matchLabels![NAME],
        from,
        ports,
      })),
    );
    const namespace = (name: string) => [
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } },
    ];
    const tcp = (port: number) => [{ protocol: 'TCP', port }];
    const expected = [
      { to: 'api', from: namespace('ingress-nginx'), ports: tcp(3000) },
      { to: 'notification', from: [{ podSelector: { matchLabels: { [NAME]: 'api' } } }], ports: tcp(8083) },
      { to: 'api', from: namespace('monitoring'), ports: tcp(3000) },
      { to: 'command', from: namespace('monitoring'), ports: tcp(8081) },
      { to: 'projector', from: namespace('monitoring'), ports: tcp(8082) },
      { to: 'notification', from: namespace('monitoring'), ports: tcp(8083) },
    ];
    expect(from).toHaveLength(expected.length);
    for (const rule of expected) expect(from).toContainEqual(rule);
  });
});

describe('the public paths of the api', () => {
  const ingress = manifests.find(({ kind }) => kind === 'Ingress') as Ingress;
  const paths = ingress.spec.rules.flatMap(({ http }) => http.paths.map(({ path }) => path));
  const isPublic = (route: string) => paths.some((path) => route === path || route.startsWith(`${path}/`));

  /** The first segment of every route, as the controllers declare it. */
  const routes = filesBelow('apps/api/src', '.ts')
    .concat(filesBelow('apps/api/src', '.tsx'))
    .filter((file) => /controller\.tsx?$/.test(file))
    .flatMap((file) => {
      const text = textOf(file);
      const prefixes = /@(?:Page)?Controller\(([^)]*)\)/.exec(text)?.[1]?.match(/[^'[\], ]+/g) ?? [''];
      const methods = [...text.matchAll(/@(?:Get|Post|PostForm|Put)\((?:'([^']*)')?/g)].map(
        ([, path]) => path ?? '',
      );
      return prefixes.flatMap((prefix) =>
        methods.map((path) => `/${[prefix, path].filter(Boolean).join('/')}`),
      );
    })
    .filter((route) => route !== '/');

  it('exclude the operations routes', () => {
    for (const route of ['/metrics', '/healthz', '/readyz']) {
      expect(routes).toContain(route);
      expect(isPublic(route)).toBe(false);
    }
  });

  it('include every other route, the script of the pages and the documentation', () => {
    const others = routes.filter((route) => !['/metrics', '/healthz', '/readyz'].includes(route));
    expect(others.length).toBeGreaterThan(15);
    expect(others.filter((route) => !isPublic(route))).toEqual([]);
    for (const route of ['/pages/0123.js', '/docs', '/docs-json', '/docs/swagger-ui.css'])
      expect(isPublic(route)).toBe(true);
  });

  it('all lead to a route', () => {
    const known = ['/', ...routes, '/pages/0123.js', '/docs', '/docs-json'];
    expect(
      paths.filter((path) => !known.some((route) => route === path || route.startsWith(`${path}/`))),
    ).toEqual([]);
  });
});
