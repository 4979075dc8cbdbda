import type { Exported } from './exported.js';

const labels = (...names: string[]) => new Set(names);
const KUBERNETES = 'kube-state-metrics, as its documentation of the exposed metrics lists them';
const KAFKA =
  "the Kafka exporter (danielqsj/kafka-exporter, which is also Strimzi's), as its README lists them";

/** Metrics of other exporters that rules and dashboards may use, with their labels. */
const EXTERNAL: readonly (readonly [name: string, from: string, labels: ReadonlySet<string>])[] = [
  ['up', 'Prometheus itself', labels()],
  ['kafka_consumergroup_lag', KAFKA, labels('consumergroup', 'topic', 'partition')],
  ['kafka_consumergroup_current_offset', KAFKA, labels('consumergroup', 'topic', 'partition')],
  ['kafka_topic_partition_current_offset', KAFKA, labels('topic', 'partition')],
  ['kube_deployment_status_replicas_available', KUBERNETES, labels('namespace', 'deployment')],
  ['kube_deployment_status_replicas_unavailable', KUBERNETES, labels('namespace', 'deployment')],
  ['kube_statefulset_replicas', KUBERNETES, labels('namespace', 'statefulset')],
  ['kube_statefulset_status_replicas_ready', KUBERNETES, labels('namespace', 'statefulset')],
  ['kube_statefulset_status_replicas_available', KUBERNETES, labels('namespace', 'statefulset')],
  ['kube_pod_container_status_restarts_total', KUBERNETES, labels('namespace', 'pod', 'container')],
  [
    'kube_pod_container_status_last_terminated_reason',
    KUBERNETES,
    labels('namespace', 'pod', 'container', 'reason'),
  ],
  ['kube_cronjob_created', KUBERNETES, labels('namespace', 'cronjob')],
  ['kube_cronjob_status_last_successful_time', KUBERNETES, labels('namespace', 'cronjob')],
  ['kube_job_status_failed', KUBERNETES, labels('namespace', 'job_name', 'reason')],
  [
    'kube_horizontalpodautoscaler_status_current_replicas',
    KUBERNETES,
    labels('namespace', 'horizontalpodautoscaler'),
  ],
  [
    'kube_horizontalpodautoscaler_spec_max_replicas',
    KUBERNETES,
    labels('namespace', 'horizontalpodautoscaler'),
  ],
];

export const EXTERNAL_METRICS: Exported = new Map(EXTERNAL.map(([name, , names]) => [name, names]));

/** Labels that Prometheus adds to everything that it scrapes in a cluster. */
export const TARGET_LABELS = labels(
  'namespace',
  'pod',
  'container',
  'service',
  'endpoint',
  'job',
  'instance',
);
