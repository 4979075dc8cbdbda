import { TracingConfig } from '#libs/platform';
import { ApiConfig } from '../../../apps/api/src/config/api.config.js';
import { CommandConfig } from '../../../apps/command/src/config.js';
import { NotificationConfig } from '../../../apps/notification/src/config.js';
import { ProjectorConfig } from '../../../apps/projector/src/config.js';
import { textOf, type Manifest } from './files.js';

/** The configuration class of each app, and the variable for the port that it listens on. */
export const APPS = {
  command: { Config: CommandConfig, port: 'HEALTH_PORT' },
  projector: { Config: ProjectorConfig, port: 'HEALTH_PORT' },
  notification: { Config: NotificationConfig, port: 'HEALTH_PORT' },
  api: { Config: ApiConfig, port: 'PORT' },
} as const;

export type AppName = keyof typeof APPS;

/** Variables that every app reads in addition to its configuration class. */
export const KNOWN_TO_ALL = [
  'LOG_LEVEL',
  ...Object.keys(new TracingConfig()),
  // Read by KEDA (scaling/).
  'KEDA_CONSUMER_GROUP',
  'KEDA_TOPIC',
];

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly configMapKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly envFrom?: readonly {
    readonly configMapRef: { readonly name: string; readonly optional?: boolean };
  }[];
  readonly env: readonly EnvVar[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly securityContext: unknown;
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly automountServiceAccountToken?: boolean;
    readonly terminationGracePeriodSeconds?: number;
    readonly securityContext: unknown;
    readonly topologySpreadConstraints?: readonly {
      readonly topologyKey: string;
      readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    }[];
    readonly initContainers?: readonly Container[];
    readonly volumes: readonly {
      readonly projected: {
        readonly sources: readonly {
          readonly secret: {
            readonly name: string;
            readonly optional: boolean;
            readonly items: readonly { readonly key: string; readonly path: string }[];
          };
        }[];
      };
    }[];
    readonly containers: readonly Container[];
  };
}

export interface Workload extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: PodTemplate;
  };
}

/** Returns the manifests that run pods permanently. */
export const workloadsOf = (manifests: readonly Manifest[]): Workload[] =>
  manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet') as Workload[];

interface CronJob extends Manifest {
  readonly spec: { readonly jobTemplate: { readonly spec: Workload['spec'] } };
}

/** Returns the workloads and the jobs, and for a CronJob the job that it creates. */
export const withPods = (manifests: readonly Manifest[]): Workload[] => [
  ...workloadsOf(manifests),
  ...(manifests.filter(({ kind }) => kind === 'Job') as Workload[]),
  ...(manifests.filter(({ kind }) => kind === 'CronJob') as CronJob[]).map(
    ({ spec: { jobTemplate }, ...job }) => ({ ...job, spec: jobTemplate.spec }),
  ),
];

/** Possible values of a cluster's Secrets, with the names in deploy/README.md. */
export const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'invitations-postgres': {
    DATABASE_URL: 'postgres://invitations:secret@postgres.postgres:5432/invitations',
  },
  'invitations-eventstore': { EVENTSTORE_URL: 'esdb://eventstore.eventstore:2113?tls=true' },
  'invitations-replay': {
    EVENTSTORE_URL: 'esdb://replay:secret@eventstore.eventstore:2113?tls=true',
    DATABASE_URL: 'postgres://replay:secret@postgres.postgres:5432/invitations',
  },
  'invitations-smtp': { SMTP_URL: 'smtps://invitations:secret@mail.network.example:465' },
  'invitations-operator-commands': {
    OPERATOR_COMMAND_SECRETS: Buffer.alloc(32, 8).toString('base64url'),
  },
  'invitations-internal': { INTERNAL_SECRETS: Buffer.alloc(32, 9).toString('base64url') },
  'invitations-text-keys': { TEXT_KEYS: `t1:${Buffer.alloc(32, 6).toString('base64url')}` },
  'invitations-link-keys': { LINK_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64url')}` },
};

/**
 * Returns the environment that Kubernetes would create, with that of the image. @throws for a reference to something
 * that does not exist
 */
export function environmentOf(
  { env }: Container,
  labels: Readonly<Record<string, string>>,
  configMap: Readonly<Record<string, string>>,
): Record<string, string> {
  const valueOf = ({ name, value, valueFrom }: EnvVar): string | undefined => {
    const found =
      value ??
      (valueFrom?.configMapKeyRef && configMap[valueFrom.configMapKeyRef.key]) ??
      (valueFrom?.secretKeyRef && SECRETS[valueFrom.secretKeyRef.name]?.[valueFrom.secretKeyRef.key]) ??
      (valueFrom?.fieldRef && field(valueFrom.fieldRef.fieldPath, labels));
    const isOptional = valueFrom?.configMapKeyRef?.optional ?? valueFrom?.secretKeyRef?.optional;
    if (found === undefined && isOptional === true) return undefined;
    if (found === undefined) throw new Error(`${name} comes from nowhere: ${JSON.stringify(valueFrom)}`);
    return found;
  };
  const values: Record<string, string> = { NODE_ENV: 'production' };
  for (const variable of env) {
    const value = valueOf(variable);
    // Kubernetes expands references to variables that are above.
    if (value !== undefined)
      values[variable.name] = value.replaceAll(/\$\((\w+)\)/g, (text, name: string) => values[name] ?? text);
  }
  return values;
}

function field(path: string, labels: Readonly<Record<string, string>>): string | undefined {
  if (path === 'metadata.name') return 'api-0';
  return labels[/^metadata\.labels\['(.+)'\]$/.exec(path)?.[1] ?? ''];
}

/** The entries of a file of variables. */
export const entriesOf = (path: string): Record<string, string> =>
  Object.fromEntries(
    textOf(path)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/** The ConfigMap of an installation, as its files are written. */
export const configOf = (overlay: string): Record<string, string> => ({
  ...entriesOf('deploy/kubernetes/base/config.env'),
  ...entriesOf(`deploy/kubernetes/overlays/${overlay}/settings/settings.env`),
});

/** The ConfigMap with the environment of the apps. */
export const configMapIn = (manifests: readonly Manifest[]): Manifest =>
  manifests.find(({ kind, data }) => kind === 'ConfigMap' && data?.['KAFKA_BROKERS'] !== undefined)!;

/** Returns whether a selector matches the labels of a pod. */
export const selects = (
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean => Object.entries(selector).every(([name, value]) => labels[name] === value);
