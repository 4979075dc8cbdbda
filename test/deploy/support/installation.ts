import type { Manifest } from './files.js';
import { configMapIn, environmentOf, workloadsOf } from './workloads.js';

interface Rules {
  readonly spec: { readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[] };
}
interface Scaled {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly triggers: readonly { readonly metadata: Readonly<Record<string, string>> }[];
  };
}
interface Host {
  readonly spec: {
    readonly rules: readonly { readonly host: string }[];
    readonly tls: readonly { readonly hosts: readonly string[] }[];
  };
}

/** What an installation takes for itself, as its rendered manifests say. */
export function claimsOf(manifests: readonly Manifest[]) {
  const of = <T>(kind: string) => manifests.filter((manifest) => manifest.kind === kind) as unknown as T[];
  const config = configMapIn(manifests).data!;
  const environments = new Map(
    workloadsOf(manifests).map(({ metadata, spec: { template } }) => [
      metadata.name,
      environmentOf(template.spec.containers[0]!, template.metadata.labels, config),
    ]),
  );
  const scaled = of<Scaled>('ScaledObject').flatMap(({ spec: { scaleTargetRef, triggers } }) =>
    triggers.map(({ metadata }) => ({ metadata, env: environments.get(scaleTargetRef.name)! })),
  );
  const named = (variable: string) =>
    scaled.flatMap(({ metadata, env }) => env[metadata[variable] ?? ''] ?? []).toSorted();
  const expressions = [
    ...of<Rules>('PrometheusRule').flatMap(({ spec }) =>
      spec.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ),
    ...scaled.flatMap(({ metadata }) => metadata['query'] ?? []),
  ];
  const hosts = of<Host>('Ingress').flatMap(({ spec }) => [
    ...spec.rules.map(({ host }) => host),
    ...spec.tls.flatMap((tls) => tls.hosts),
  ]);
  return {
    namespaces: [...new Set(manifests.flatMap(({ metadata }) => metadata.namespace ?? []))],
    hosts: [...new Set(hosts)],
    issuer: [config['AUTH_ISSUER']!, config['AUTH_JWKS']!],
    priorityClasses: of<Manifest>('PriorityClass').map(({ metadata }) => metadata.name),
    groups: named('consumerGroupFromEnv'),
    topics: named('topicFromEnv'),
    environments,
    expressions,
  };
}
