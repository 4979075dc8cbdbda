import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/platform';
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
