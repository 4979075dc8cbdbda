import { describe, expect, it } from '@jest/globals';
import { writtenManifests, type Manifest } from './support/files.js';
import { rendered } from './support/kustomize.js';
import { faultsOf } from './support/schemas.js';

const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;

describe('each manifest as it is written', () => {
  const written = writtenManifests();

  it.each(written.map(({ file, manifest }) => [`${nameOf(manifest)} of ${file}`, manifest] as const))(
    'is valid: %s',
    async (_name, manifest) => {
      expect(await faultsOf(manifest)).toEqual([]);
    },
  );

  it('covers one of each kind that a deployment needs', () => {
    const kinds = new Set(written.map(({ manifest }) => manifest.kind));
    for (const kind of [
      'Deployment',
      'StatefulSet',
      'Job',
      'CronJob',
      'PodDisruptionBudget',
      'NetworkPolicy',
      'KafkaTopic',
      'KafkaUser',
      'ScaledObject',
      'ServiceMonitor',
      'PrometheusRule',
    ]) {
      expect(kinds).toContain(kind);
    }
  });
});

describe('each manifest as kustomize renders it', () => {
  it.each([
    'overlays/production',
    'overlays/development',
    'topics',
    'users',
    'overlays/development/users',
    'event-store-users',
  ])('is valid: %s', async (folder) => {
    for (const manifest of rendered(`deploy/kubernetes/${folder}`)) {
      expect({ [nameOf(manifest)]: await faultsOf(manifest) }).toEqual({ [nameOf(manifest)]: [] });
    }
  });
});

describe('the check of manifests', () => {
  const find = (kind: string, name: string) =>
    structuredClone(
      writtenManifests().find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name)!
        .manifest,
    ) as unknown as Record<string, unknown>;

  /** Sets the value at a path, or removes it with undefined. */
  const changed = (manifest: Record<string, unknown>, path: string, value: unknown): Manifest => {
    const steps = path.split('.');
    const last = steps.pop()!;
    const place = steps.reduce((at, step) => at[step] as Record<string, unknown>, manifest);
    if (value === undefined) delete place[last];
    else place[last] = value;
    return manifest as unknown as Manifest;
  };
  const container = 'spec.template.spec.containers.0';

  it.each([
    [
      'a mistyped field',
      'Deployment',
      'command',
      `${container}.readinesProbe`,
      {},
      'readinesProbe is unknown',
    ],
    [
      'a field at the wrong level',
      'Deployment',
      'command',
      `${container}.replicas`,
      1,
      'replicas is unknown',
    ],
    ['a mistyped field of a trigger', 'ScaledObject', 'command', 'spec.triggers.0.treshold', '1', 'unknown'],
    [
      'a mistyped field of a rule',
      'PrometheusRule',
      'invitations',
      'spec.groups.0.rules.0.fo',
      '1m',
      'unknown',
    ],
    ['a mistyped field of a monitor', 'ServiceMonitor', 'api', 'spec.endpoints.0.pathh', '/', 'unknown'],
    ['a mistyped field of a topic', 'KafkaTopic', 'invitations.sent', 'spec.partition', 8, 'partition'],
    [
      'a mistyped setting of a topic',
      'KafkaTopic',
      'invitations.sent',
      'spec.config.retention',
      8,
      'retention',
    ],
    ['a text for a number', 'Deployment', 'command', `${container}.ports.0.containerPort`, '1', 'integer'],
    ['a missing field', 'Deployment', 'command', 'spec.selector', undefined, 'selector'],
    ['a mistyped field of a policy', 'NetworkPolicy', 'dns', 'spec.egress.0.port', [], 'port is unknown'],
  ])('reports %s', async (_what, kind, name, path, value, fault) => {
    const faults = await faultsOf(changed(find(kind, name), path, value));
    expect(faults.join('\n')).toContain(fault);
  });
});
