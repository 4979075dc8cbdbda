import { describe, expect, it } from '@jest/globals';
import { loadConfig, TracingConfig } from '#libs/platform';
import { textOf } from './support/files.js';
import { rendered } from './support/kustomize.js';
import {
  APPS,
  configMapIn,
  environmentOf,
  withPods,
  workloadsOf,
  type AppName,
} from './support/workloads.js';

const MOUNT = '/var/run/secrets/invitations/';
const manifests = rendered('test/deploy/overlays/staging');
const config = configMapIn(manifests).data!;

/** Where each file that a variable names is mounted (deploy/README.md, Files of Secrets). */
const FILES: Readonly<Record<string, string>> = {
  KAFKA_SSL_CA_FILE: 'kafka/ca.crt',
  KAFKA_SSL_CERT_FILE: 'kafka/user.crt',
  KAFKA_SSL_KEY_FILE: 'kafka/user.key',
  KAFKA_SASL_PASSWORD_FILE: 'kafka/password',
  KAFKA_OAUTH_CLIENT_SECRET_FILE: 'kafka/client-secret',
  EVENTSTORE_CA_FILE: 'eventstore/ca.crt',
  EVENTSTORE_CERT_FILE: 'eventstore/tls.crt',
  EVENTSTORE_KEY_FILE: 'eventstore/tls.key',
  EVENTSTORE_PASSWORD_FILE: 'eventstore/password',
  DATABASE_CA_FILE: 'postgres/ca.crt',
  DATABASE_CERT_FILE: 'postgres/tls.crt',
  DATABASE_KEY_FILE: 'postgres/tls.key',
  DATABASE_PASSWORD_FILE: 'postgres/password',
  SMTP_CA_FILE: 'smtp/ca.crt',
  SMTP_PASSWORD_FILE: 'smtp/password',
  SMTP_OAUTH_CLIENT_SECRET_FILE: 'smtp/client-secret',
  SMTP_DKIM_KEY_FILE: 'smtp/dkim.key',
  OTEL_EXPORTER_OTLP_CERTIFICATE: 'otlp/ca.crt',
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: 'otlp/tls.crt',
  OTEL_EXPORTER_OTLP_CLIENT_KEY: 'otlp/tls.key',
  NOTIFICATION_CA_FILE: 'notification/ca.crt',
  TLS_CERT_FILE: 'tls/tls.crt',
  TLS_KEY_FILE: 'tls/tls.key',
};

const namesFile = (variable: string): boolean =>
  variable.endsWith('_FILE') || /_(CERTIFICATE|CLIENT_KEY)$/.test(variable);

describe('the files that the variables of an app name', () => {
  const variablesOf = (app: AppName): string[] =>
    [...Object.keys(new APPS[app].Config()), ...Object.keys(new TracingConfig())].filter(namesFile);
  const rowsOf = (folder: string): string =>
    textOf('deploy/README.md')
      .split('\n')
      .filter((line) => line.startsWith(`| \`${folder}\` `))
      .join();

  it('are all known here', () => {
    const all = new Set((Object.keys(APPS) as AppName[]).flatMap(variablesOf));
    expect([...all].toSorted()).toEqual(Object.keys(FILES).toSorted());
  });

  it.each(workloadsOf(manifests).map((workload) => [workload.metadata.name, workload] as const))(
    'are mounted in %s, as far as the app knows the variable, and no others',
    (_name, { spec: { template } }) => {
      const app = template.metadata.labels['app.kubernetes.io/name'] as AppName;
      const mounted = template.spec.volumes.flatMap(({ projected }) =>
        projected.sources.flatMap(({ secret }) => secret.items.map(({ path }) => path)),
      );
      expect(mounted.toSorted()).toEqual(
        variablesOf(app)
          .map((variable) => FILES[variable]!)
          .toSorted(),
      );
    },
  );

  it.each(Object.values(FILES))('are keys of Secrets in deploy/README.md: %s', (path) => {
    const [folder, key] = path.split('/') as [string, string];
    const row = rowsOf(folder);
    const isPasswordOfUser = path === 'eventstore/password';
    expect(row).toContain(isPasswordOfUser ? 'as `password`' : `\`${key}\``);
  });
});

describe('an overlay with encrypted connections and logins', () => {
  it.each(workloadsOf(manifests).map((workload) => [workload.metadata.name, workload] as const))(
    'gives %s the settings, and every file that they name',
    (_name, { spec: { template } }) => {
      const [container] = template.spec.containers;
      const connections = Object.assign(
        {},
        ...(container!.envFrom ?? []).map(
          ({ configMapRef }) =>
            manifests.find(({ metadata }) => metadata.name === configMapRef.name)?.data ?? {},
        ),
      ) as Record<string, string>;
      const app = template.metadata.labels['app.kubernetes.io/name'] as AppName;
      const env = { ...connections, ...environmentOf(container!, template.metadata.labels, config) };
      expect(() => loadConfig<object>(APPS[app].Config, env)).not.toThrow();
      expect(env['KAFKA_SASL_USERNAME']).toBe(`invitations-${app}`);
      const provided = template.spec.volumes.flatMap(({ projected }) =>
        projected.sources.flatMap(({ secret }) => secret.items.map(({ path }) => `${MOUNT}${path}`)),
      );
      const known = Object.keys(new APPS[app].Config());
      const named = Object.entries(connections).filter(
        ([name]) => name.endsWith('_FILE') && known.includes(name),
      );
      expect(named.length).toBeGreaterThan(4);
      for (const [name, path] of named)
        expect([name, provided]).toEqual([name, expect.arrayContaining([path])]);
      expect(container).toMatchObject({ volumeMounts: [{ mountPath: MOUNT.slice(0, -1), readOnly: true }] });
    },
  );

  it('has only settings that an app knows', () => {
    const known = new Set(Object.values(APPS).flatMap(({ Config }) => Object.keys(new Config())));
    const maps = manifests.filter(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.includes('-connections'),
    );
    expect(maps).toHaveLength(5);
    for (const { data } of maps) expect(Object.keys(data!).filter((name) => !known.has(name))).toEqual([]);
  });

  it('starts without any of the Secrets of files', () => {
    for (const { spec } of withPods(manifests)) {
      for (const { projected } of spec.template.spec.volumes) {
        for (const { secret } of projected.sources) expect(secret.optional).toBe(true);
      }
    }
  });

  it('puts no two files at one path, which Kubernetes rejects', () => {
    for (const { metadata, spec } of withPods(manifests)) {
      const paths = spec.template.spec.volumes.flatMap(({ projected }) =>
        projected.sources.flatMap(({ secret }) => secret.items.map(({ path }) => path)),
      );
      expect([metadata.name, new Set(paths).size]).toEqual([metadata.name, paths.length]);
    }
  });
});
