import { documentsOf, type Manifest } from '../../../deploy/support/files.js';
import { rendered } from '../../../deploy/support/kustomize.js';
import {
  environmentOf,
  SECRETS,
  selects,
  withPods,
  workloadsOf,
  type Container,
  type Workload,
} from '../../../deploy/support/workloads.js';

interface ScaledObject extends Manifest {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly triggers: readonly { readonly metadata: Readonly<Record<string, string>> }[];
  };
}

/** The kinds in the singular and the plural, as kubectl accepts them. */
const KINDS: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  statefulset: 'StatefulSet',
  pod: 'Pod',
  secret: 'Secret',
  configmap: 'ConfigMap',
  scaledobject: 'ScaledObject',
  hpa: 'HorizontalPodAutoscaler',
  cronjob: 'CronJob',
  servicemonitor: 'ServiceMonitor',
};

/** The objects that the production overlay creates in a cluster, and those that it expects to exist. */
export class Cluster {
  private readonly objects = rendered('deploy/kubernetes/overlays/production');
  private readonly workloads = workloadsOf(this.objects);
  private readonly paused = new Set<string>();
  private readonly jobs = new Map<string, Workload>();

  /** @throws for a namespace that is not the overlay's */
  checkNamespace(name: string | undefined): void {
    const names = new Set(this.objects.map(({ metadata }) => metadata.namespace));
    if (!names.has(name)) throw new Error(`nothing of ours is in the namespace ${name}`);
  }

  /** @throws for an unknown kind */
  kindOf(word: string): string {
    const kind = KINDS[word] ?? KINDS[word.replace(/s$/, '')];
    if (kind === undefined) throw new Error(`the server doesn't have a resource type "${word}"`);
    return kind;
  }

  /** @throws if the object does not exist */
  named(kind: string, name: string): Manifest {
    const found = this.of(kind).find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
    return found;
  }

  /** Returns the objects of a kind. A selector must match some of them. @throws if there are none */
  some(kind: string, selector?: Readonly<Record<string, string>>): Manifest[] {
    const found = this.of(kind).filter(
      ({ metadata }) => selector === undefined || selects(selector, metadata.labels ?? {}),
    );
    if (found.length === 0) throw new Error(`there is no ${kind} ${JSON.stringify(selector ?? '')}`);
    return found;
  }

  /** Returns the workload of a pod, or of one of the pods that `deployment/…` names. */
  workloadOf(target: string): Workload {
    const [word, name] = target.split('/') as [string, string | undefined];
    if (name === undefined) throw new Error(`${target} names no kind`);
    const kind = this.kindOf(word);
    if (kind !== 'Pod') return this.named(kind, name) as Workload;
    return this.workloads.find((workload) => podOf(workload).metadata.name === name)!;
  }

  container(target: string): Container {
    return this.workloadOf(target).spec.template.spec.containers[0]!;
  }

  /** Creates a job from a CronJob. @throws if a job with that name exists, or the CronJob does not */
  createJob(name: string, cronJob: string): void {
    if (this.jobs.has(name)) throw new Error(`there is a job ${name} already`);
    this.jobs.set(name, withPods([this.named('CronJob', cronJob)])[0]!);
  }

  /** @returns whether the job existed */
  deleteJob(name: string): boolean {
    return this.jobs.delete(name);
  }

  /** Returns the container of a job. @throws if the job does not exist */
  jobContainer(name: string): Container {
    const job = this.jobs.get(name);
    if (job === undefined) throw new Error(`there is no job ${name}`);
    return job.spec.template.spec.containers[0]!;
  }

  /** Returns the ConfigMap that the workload reads. */
  get configMap(): Readonly<Record<string, string>> {
    return this.some('ConfigMap').find(({ data }) => data?.['KAFKA_BROKERS'] !== undefined)!.data!;
  }

  /** Scales a ScaledObject to zero. @throws if it does not exist */
  pause(name: string, isPaused: boolean): void {
    const target = (this.named('ScaledObject', name) as ScaledObject).spec.scaleTargetRef.name;
    if (isPaused) this.paused.add(target);
    else if (!this.paused.delete(target)) throw new Error(`${name} was not paused`);
  }

  /** @throws if a selected pod would still run */
  checkGone(selector: Readonly<Record<string, string>>): void {
    for (const { metadata } of this.some('Pod', selector)) {
      const name = metadata.name.replace(/-0$/, '');
      if (!this.paused.has(name)) throw new Error(`timed out waiting for the pods of ${name}`);
    }
  }

  /** @throws for an unknown consumer group, or for a group that a reset requires to be empty but has members */
  checkGroup(group: string, mustBeEmpty: boolean): void {
    const consumers = (this.some('ScaledObject') as ScaledObject[]).filter(({ spec }) =>
      spec.triggers.some(({ metadata }) => this.groupOf(spec.scaleTargetRef.name, metadata) === group),
    );
    if (consumers.length === 0) throw new Error(`nobody scales with the consumer group ${group}`);
    for (const { spec } of consumers) {
      if (mustBeEmpty && !this.paused.has(spec.scaleTargetRef.name))
        throw new Error(`the consumer group ${group} has members`);
    }
  }

  /** Returns the group that a trigger names by a variable of its workload. */
  private groupOf(workload: string, trigger: Readonly<Record<string, string>>): string | undefined {
    const target = this.workloads.find(({ metadata }) => metadata.name === workload);
    const variable = trigger['consumerGroupFromEnv'];
    if (target === undefined || variable === undefined) return undefined;
    const { containers } = target.spec.template.spec;
    return environmentOf(containers[0]!, target.spec.template.metadata.labels, this.configMap)[variable];
  }

  /** Returns whether everything that a page paused was resumed. */
  get pausedWorkloads(): readonly string[] {
    return [...this.paused];
  }

  private of(kind: string): readonly Manifest[] {
    if (kind === 'Pod') return this.workloads.map(podOf);
    if (kind === 'Secret') return Object.keys(SECRETS).map((name) => secret(name));
    // KEDA creates one for each ScaledObject.
    const written = kind === 'HorizontalPodAutoscaler' ? 'ScaledObject' : kind;
    return this.objects.filter((one) => one.kind === written);
  }
}

/** One pod represents all pods of a workload. */
const podOf = ({ metadata, spec }: Workload): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `${metadata.name}-0`, labels: spec.template.metadata.labels },
});

const secret = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  data: Object.fromEntries(Object.entries(SECRETS[name]!).map(([key, text]) => [key, btoa(text)])),
});

/** Strimzi's cluster and its topics. */
export function kafkaCluster(): { readonly name: string; readonly namespace: string; topics: string[] } {
  const topics = rendered('deploy/kubernetes/topics');
  const { labels, namespace } = topics[0]!.metadata;
  return {
    name: labels!['strimzi.io/cluster']!,
    namespace: namespace!,
    topics: topics.map(({ metadata }) => metadata.name),
  };
}

/** @throws for text that is not the YAML of one Secret that workloads read */
export function checkSecret(yaml: string): void {
  const [{ kind, metadata, stringData = {} }] = documentsOf(yaml) as [
    Manifest & { stringData?: Record<string, string> },
  ];
  const keys = Object.keys(SECRETS[metadata.name] ?? {});
  if (kind !== 'Secret' || keys.join() !== Object.keys(stringData).join())
    throw new Error(`the Secret ${metadata.name} has ${keys.join()}, not ${Object.keys(stringData).join()}`);
}
