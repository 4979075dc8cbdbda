import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadConfig } from '#libs/platform';
import { WORKERS } from '../../apps/projector/src/workers.js';
import { filesBelow, isThere, textOf, type Manifest } from './support/files.js';
import { rendered } from './support/kustomize.js';
import {
  APPS,
  environmentOf,
  SECRETS,
  selects,
  withPods,
  workloadsOf,
  type AppName,
  type Workload,
} from './support/workloads.js';

interface Kustomization {
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly configurations?: readonly string[];
  readonly configMapGenerator?: readonly {
    readonly envs?: readonly string[];
    readonly files?: readonly string[];
  }[];
}

const kustomizations = [
  ...filesBelow('deploy/kubernetes', 'kustomization.yaml'),
  'deploy/grafana/kustomization.yaml',
];

describe('each kustomization', () => {
  it.each(kustomizations)('refers only to existing files: %s', (file) => {
    const {
      resources = [],
      components = [],
      configurations = [],
      configMapGenerator = [],
    } = parse(textOf(file)) as Kustomization;
    const files = configMapGenerator.flatMap(({ envs = [], files = [] }) => [...envs, ...files]);
    for (const path of [...resources, ...components, ...configurations, ...files]) {
      const target = join(dirname(file), path);
      expect([
        target,
        isThere(path.endsWith('.yaml') || files.includes(path) ? target : `${target}/kustomization.yaml`),
      ]).toEqual([target, true]);
    }
  });

  it('together with the others includes every file', () => {
    const named = kustomizations.flatMap((file) => {
      const { resources = [], configurations = [] } = parse(textOf(file)) as Kustomization;
      return [...resources, ...configurations].map((path) => join(dirname(file), path));
    });
    const written = filesBelow('deploy/kubernetes', '.yaml').filter(
      (file) => !file.endsWith('kustomization.yaml'),
    );
    expect(written.filter((file) => !named.includes(file))).toEqual([]);
  });
});

const labelsOf = ({ spec }: Workload) => spec.template.metadata.labels;
const appOf = (workload: Workload) => labelsOf(workload)['app.kubernetes.io/name'] as AppName;

for (const overlay of ['production', 'development']) {
  describe(`the overlay ${overlay}`, () => {
    const manifests = rendered(`deploy/kubernetes/overlays/${overlay}`);
    const of = <T extends Manifest>(kind: string) =>
      manifests.filter((manifest) => manifest.kind === kind) as T[];
    const workloads = workloadsOf(manifests);
    const [namespace] = of('Namespace');
    const configMap = of('ConfigMap').find(({ data }) => data?.['KAFKA_BROKERS'] !== undefined)!;

    it('puts everything into its namespace', () => {
      const elsewhere = manifests.filter(
        (manifest) =>
          manifest !== namespace &&
          manifest.kind !== 'PriorityClass' &&
          manifest.metadata.namespace !== namespace!.metadata.name,
      );
      expect(elsewhere).toEqual([]);
    });

    it.each(workloads.map((workload) => [workload.metadata.name, workload] as const))(
      'gives %s a complete environment',
      (_name, workload) => {
        const [container] = workload.spec.template.spec.containers;
        const refs = container!.env.flatMap(({ valueFrom }) => valueFrom?.configMapKeyRef?.name ?? []);
        expect(new Set(refs)).toEqual(new Set([configMap.metadata.name]));
        const env = environmentOf(container!, labelsOf(workload), configMap.data!);
        expect(() => loadConfig<object>(APPS[appOf(workload)].Config, env)).not.toThrow();
      },
    );

    it('names every image by its tag or its digest', () => {
      for (const { spec } of withPods(manifests)) {
        for (const { image } of [
          ...(spec.template.spec.initContainers ?? []),
          ...spec.template.spec.containers,
        ]) {
          expect(image).toMatch(/^(registry\.example\/)?invitations\/[a-z]+(:[\w.-]+|@sha256:[0-9a-f]{64})$/);
        }
      }
    });

    it.each(['PodDisruptionBudget', 'Service', 'ServiceMonitor'])(
      'has a %s that selects an existing workload',
      (kind) => {
        const targets =
          kind === 'ServiceMonitor'
            ? of('Service').map(({ metadata }) => metadata.labels ?? {})
            : workloads.map(labelsOf);
        // The projections have one Service for their metrics.
        const isShared = (name: string) => kind === 'Service' && name === 'projector';
        for (const { metadata, spec } of of(kind)) {
          const { selector } = spec as {
            selector: { matchLabels?: Record<string, string> } & Record<string, string>;
          };
          const found = targets.filter((labels) => selects(selector.matchLabels ?? selector, labels));
          expect([metadata.name, found.length]).toEqual([
            metadata.name,
            isShared(metadata.name) ? WORKERS.length : 1,
          ]);
        }
        const apps = new Set(workloads.map(appOf));
        expect(of(kind).length).toBe(kind === 'PodDisruptionBudget' ? workloads.length : apps.size);
      },
    );

    it('spreads the replicas of each workload over nodes and zones', () => {
      for (const workload of workloads) {
        for (const { labelSelector } of workload.spec.template.spec.topologySpreadConstraints!) {
          expect(labelSelector.matchLabels).toEqual(workload.spec.selector.matchLabels);
        }
      }
    });

    it('contains no Secret, and refers only to those that the README names', () => {
      expect(of('Secret')).toEqual([]);
      const readme = textOf('deploy/README.md');
      for (const [name, data] of Object.entries(SECRETS)) {
        expect(readme).toContain(`\`${name}\``);
        for (const key of Object.keys(data)) expect(readme).toContain(`\`${key}\``);
      }
    });
  });
}

interface ScaledObject extends Manifest {
  readonly spec: {
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly minReplicaCount: number;
    readonly maxReplicaCount: number;
    readonly triggers: readonly {
      readonly type: string;
      readonly metadata: Readonly<Record<string, string>>;
    }[];
  };
}

describe('scaling in production', () => {
  const manifests = rendered('deploy/kubernetes/overlays/production');
  const scaled = manifests.filter(({ kind }) => kind === 'ScaledObject') as ScaledObject[];
  const workloads = workloadsOf(manifests);

  it('is configured for every workload once, with more than one replica', () => {
    const targets = scaled.map(
      ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind} ${scaleTargetRef.name}`,
    );
    expect(targets.toSorted()).toEqual(
      workloads.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted(),
    );
    for (const { spec } of scaled) expect(spec.minReplicaCount).toBeGreaterThan(1);
  });

  it('queries Kafka where the app connects', () => {
    for (const { spec } of scaled.filter(({ spec }) => spec.triggers.some(({ type }) => type === 'kafka'))) {
      // More consumers than partitions would be idle.
      expect(spec.maxReplicaCount).toBe(8);
      const { env } = workloads.find(({ metadata }) => metadata.name === spec.scaleTargetRef.name)!.spec
        .template.spec.containers[0]!;
      expect(env.map(({ name }) => name)).toContain(spec.triggers[0]!.metadata['bootstrapServersFromEnv']);
    }
  });

  it('queries each projection by its own name', () => {
    for (const { spec } of scaled) {
      const query = spec.triggers[0]!.metadata['query'];
      if (query === undefined) continue;
      const name = spec.scaleTargetRef.name.replace('projector-', '');
      expect(query).toContain(`projection="${name}"`);
    }
  });
});
