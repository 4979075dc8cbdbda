import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { PROJECT, type Manifest } from './files.js';

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

/** The JSON Schemas of every kind that is used here, as npm packages bring them compiled. */
const COMPILED: Readonly<Record<string, string>> = {
  'v1/ConfigMap': `${KUBERNETES}CoreV1ConfigMap.js`,
  'v1/Namespace': `${KUBERNETES}CoreV1Namespace.js`,
  'v1/Service': `${KUBERNETES}CoreV1Service.js`,
  'apps/v1/Deployment': `${KUBERNETES}AppsV1Deployment.js`,
  'apps/v1/StatefulSet': `${KUBERNETES}AppsV1StatefulSet.js`,
  'batch/v1/Job': `${KUBERNETES}BatchV1Job.js`,
  'policy/v1/PodDisruptionBudget': `${KUBERNETES}PolicyV1PodDisruptionBudget.js`,
  'networking.k8s.io/v1/Ingress': `${KUBERNETES}NetworkingV1Ingress.js`,
  'networking.k8s.io/v1/NetworkPolicy': `${KUBERNETES}NetworkingV1NetworkPolicy.js`,
  'keda.sh/v1alpha1/ScaledObject': '@kubernetes-models/keda/_schemas/KedaShV1alpha1ScaledObject.mjs',
  'monitoring.coreos.com/v1/ServiceMonitor': `${OPERATOR}V1ServiceMonitor.js`,
  'monitoring.coreos.com/v1/PrometheusRule': `${OPERATOR}V1PrometheusRule.js`,
};

/** Of kinds that no package has: our own, in test/deploy/schemas. */
const OURS: Readonly<Record<string, string>> = { 'kafka.strimzi.io/v1/KafkaTopic': 'kafka-topic.json' };

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });

/** @returns what is wrong, nothing if all is well */
export async function faultsOf(manifest: Manifest): Promise<string[]> {
  const kind = `${manifest.apiVersion}/${manifest.kind}`;
  const ours = OURS[kind];
  if (ours !== undefined) return faultsAgainst(ours, manifest);
  const compiled = COMPILED[kind];
  if (compiled === undefined) return [`there is no schema of ${kind}`];
  const url = pathToFileURL(join(PROJECT, 'node_modules', compiled)).href;
  const { validate } = (await import(url)) as { validate: CompiledSchema };
  const watched = watch(manifest);
  const faults = validate(watched.value) ? [] : describe(validate.errors ?? []);
  return [...faults, ...watched.unread().map((path) => `${path} is unknown`)];
}

/** Against a JSON Schema of test/deploy/schemas. */
export function faultsAgainst(schema: string, data: unknown): string[] {
  const file = join(PROJECT, 'test/deploy/schemas', schema);
  const validate = ajv.getSchema(schema) ?? compile(schema, file);
  return validate(data) === true ? [] : describe(validate.errors ?? []);
}

function compile(name: string, file: string) {
  ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')) as object, name);
  return ajv.getSchema(name)!;
}

const describe = (errors: readonly SchemaError[]) =>
  errors.map(
    ({ instancePath, message, keyword, params }) =>
      `${instancePath} ${message ?? keyword ?? ''} ${JSON.stringify(params)}`,
  );

/**
 * A view of data that remembers which fields were asked for. The published schemas allow unknown fields, where the API
 * server with strict validation refuses them; but a compiled schema asks for every field that it knows, and goes through
 * all of a map of free names: a field that nobody has asked for is one that no schema knows.
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
