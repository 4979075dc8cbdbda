/** A series of Prometheus, and its values as promtool writes them: `0+10x20` is 0, 10, 20 … 200, one value for each step. */
export type Series = readonly [series: string, values: string];

/** When an alert fires, and a similar situation in which it must not. */
export interface AlertCase {
  readonly alert: string;
  /** Of alerts that share a name. */
  readonly window?: string;
  readonly fires: readonly Series[];
  readonly quiet: readonly Series[];
  /** When both are looked at: after the window of the expression and the time in `for`. */
  readonly at: string;
  /** Time between two values and two evaluations; a minute by default. Long windows would take minutes with it. */
  readonly step?: string;
}

const NS = 'namespace="unset"';
const OTHER = 'namespace="elsewhere"';

/** A gauge that keeps its value. */
const still = (series: string, value: number): Series => [series, `${value}x10000`];
/** A counter that grows by this number with each step. */
const grows = (series: string, by: number): Series => [series, `0+${by}x10000`];

const HTTP = (labels: string) => `http_request_duration_seconds_count{${NS},${labels}}`;
const OFFSET = 'kafka_consumergroup_current_offset{consumergroup="command",topic="c",partition="0"}';
const LAG = 'kafka_consumergroup_lag{consumergroup="command",topic="c",partition="0"}';
const gauge = (alert: string, metric: string, fires: number, quiet: number, at: string): AlertCase => ({
  alert,
  fires: [still(metric, fires)],
  // Another namespace is the concern of another installation.
  quiet: [still(metric, quiet), still(metric.replace(NS, OTHER), fires)],
  at,
});

/** One histogram: with each step `all` observations, of which `fast` are within the objective. */
const histogram = (name: string, le: string, fast: number, all: number): Series[] => [
  grows(`${name}_bucket{${NS},le="${le}"}`, fast),
  grows(`${name}_bucket{${NS},le="+Inf"}`, all),
  grows(`${name}_count{${NS}}`, all),
];

/** The share that is slow, for each window, when the budget is burnt faster and slower than the alert says. */
const burns = (
  alert: string,
  objective: number,
  series: (slow: number) => readonly Series[],
  [above, below]: readonly [number, number] = [1.1, 0.9],
): readonly AlertCase[] =>
  (
    [
      ['1h', 14.4, '70m', '1m'],
      ['6h', 6, '7h', '5m'],
      ['1d', 3, '26h', '10m'],
      ['3d', 1, '74h', '10m'],
    ] as const
  ).map(([window, burn, at, step]) => ({
    alert,
    window,
    fires: series(burn * objective * above),
    quiet: series(burn * objective * below),
    at,
    step,
  }));

export const ALERT_CASES: readonly AlertCase[] = [
  gauge('InvitationsAppDown', `kube_deployment_status_replicas_available{${NS},deployment="a"}`, 0, 1, '6m'),
  gauge(
    'InvitationsApiDown',
    `kube_statefulset_status_replicas_available{${NS},statefulset="a"}`,
    0,
    1,
    '6m',
  ),
  gauge(
    'InvitationsAppNotReady',
    `kube_deployment_status_replicas_unavailable{${NS},deployment="a"}`,
    1,
    0,
    '16m',
  ),
  {
    alert: 'InvitationsApiNotReady',
    fires: [
      still(`kube_statefulset_replicas{${NS},statefulset="api"}`, 3),
      still(`kube_statefulset_status_replicas_ready{${NS},statefulset="api"}`, 2),
    ],
    quiet: [
      still(`kube_statefulset_replicas{${NS},statefulset="api"}`, 3),
      still(`kube_statefulset_status_replicas_ready{${NS},statefulset="api"}`, 3),
    ],
    at: '16m',
  },
  gauge('InvitationsMetricsMissing', `up{${NS},pod="a"}`, 0, 1, '11m'),
  {
    alert: 'InvitationsContainerRestarts',
    fires: [[`kube_pod_container_status_restarts_total{${NS},pod="a",container="a"}`, '0x30 1 2 3 4x60']],
    quiet: [[`kube_pod_container_status_restarts_total{${NS},pod="a",container="a"}`, '0x30 1x90']],
    at: '45m',
  },
  {
    alert: 'InvitationsContainerOutOfMemory',
    fires: [
      [
        `kube_pod_container_status_last_terminated_reason{${NS},pod="a",container="a",reason="OOMKilled"}`,
        '_x10 1x60',
      ],
      [`kube_pod_container_status_restarts_total{${NS},pod="a",container="a"}`, '0x10 1x60'],
    ],
    // The last restart was long ago; or it had another reason.
    quiet: [
      still(
        `kube_pod_container_status_last_terminated_reason{${NS},pod="a",container="a",reason="OOMKilled"}`,
        1,
      ),
      still(`kube_pod_container_status_restarts_total{${NS},pod="a",container="a"}`, 7),
      still(
        `kube_pod_container_status_last_terminated_reason{${NS},pod="b",container="a",reason="Error"}`,
        1,
      ),
      [`kube_pod_container_status_restarts_total{${NS},pod="b",container="a"}`, '0x10 1x60'],
    ],
    at: '20m',
  },
  {
    alert: 'InvitationsPoolWaiting',
    fires: [still(`invitations_postgres_waiting{${NS},pod="a"}`, 3)],
    quiet: [[`invitations_postgres_waiting{${NS},pod="a"}`, '9 9 0 9 9 9 0 9 9 9 0 9 9 9 0 9 9 9 0 9']],
    at: '16m',
  },
  gauge('InvitationsClockSkew', `invitations_event_store_clock_skew_seconds{${NS},pod="a"}`, -3, 1, '6m'),
  {
    alert: 'InvitationsAtMaxReplicas',
    fires: [
      still(`kube_horizontalpodautoscaler_status_current_replicas{${NS},horizontalpodautoscaler="a"}`, 8),
      still(`kube_horizontalpodautoscaler_spec_max_replicas{${NS},horizontalpodautoscaler="a"}`, 8),
    ],
    quiet: [
      still(`kube_horizontalpodautoscaler_status_current_replicas{${NS},horizontalpodautoscaler="a"}`, 7),
      still(`kube_horizontalpodautoscaler_spec_max_replicas{${NS},horizontalpodautoscaler="a"}`, 8),
    ],
    at: '31m',
  },
  {
    alert: 'InvitationsAppMetricsMissing',
    fires: ['api', 'command', 'projector'].map((service) => still(`up{${NS},service="${service}"}`, 1)),
    quiet: ['api', 'command', 'projector', 'notification'].map((service) =>
      still(`up{${NS},service="${service}"}`, 1),
    ),
    at: '11m',
  },
  {
    alert: 'InvitationsKubeMetricsMissing',
    fires: [still(`kube_deployment_status_replicas_available{${OTHER},deployment="a"}`, 1)],
    quiet: [still(`kube_deployment_status_replicas_available{${NS},deployment="a"}`, 1)],
    at: '11m',
  },
  {
    alert: 'InvitationsKafkaMetricsMissing',
    fires: [still('kafka_consumergroup_lag{consumergroup="staging.command",topic="c",partition="0"}', 1)],
    quiet: [still(LAG, 0)],
    at: '11m',
  },
  gauge('InvitationsAccountUnreadable', `invitations_unreadable_accounts{${NS}}`, 1, 0, '1m'),
  {
    alert: 'InvitationsUndecodableBatches',
    fires: [grows(`invitations_kafka_undecodable_batches_total{${NS},topic="c"}`, 1)],
    quiet: [still(`invitations_kafka_undecodable_batches_total{${NS},topic="c"}`, 5)],
    at: '20m',
  },
  {
    alert: 'InvitationsAppendFailures',
    fires: [grows(`invitations_event_store_append_failures_total{${NS},reason="unclear"}`, 2)],
    quiet: [
      still(`invitations_event_store_append_failures_total{${NS},reason="unclear"}`, 50),
      // Conflicts are ordinary: another writer was faster.
      grows(`invitations_event_store_append_failures_total{${NS},reason="conflict"}`, 50),
    ],
    at: '20m',
  },
  gauge(
    'InvitationsProjectionLag',
    `invitations_projection_lag_seconds{${NS},projection="a"}`,
    130,
    110,
    '11m',
  ),
  gauge(
    'InvitationsProjectionFarBehind',
    `invitations_projection_lag_seconds{${NS},projection="a"}`,
    950,
    850,
    '6m',
  ),
  {
    alert: 'InvitationsSlicesUnowned',
    fires: [still(`invitations_projection_slices_owned{${NS},projection="a",pod="a"}`, 63)],
    quiet: ['a', 'b'].map((pod) =>
      still(`invitations_projection_slices_owned{${NS},projection="a",pod="${pod}"}`, 32),
    ),
    at: '6m',
  },
  gauge('InvitationsLogEndsEarly', `invitations_projection_ahead_of_log{${NS},projection="a"}`, 1, 0, '2m'),
  {
    alert: 'InvitationsEventSkipped',
    fires: [grows(`invitations_projection_skipped_total{${NS},projection="a"}`, 1)],
    quiet: [still(`invitations_projection_skipped_total{${NS},projection="a"}`, 1)],
    at: '20m',
  },
  gauge('InvitationsReadModelsDiffer', `kube_job_status_failed{${NS},job_name="verify-1"}`, 1, 0, '1m'),
  {
    alert: 'InvitationsRemindersLate',
    fires: [
      grows(`invitations_reminders_late_seconds_count{${NS}}`, 2),
      grows(`invitations_reminders_late_seconds_bucket{${NS},le="3600"}`, 1),
    ],
    quiet: [
      grows(`invitations_reminders_late_seconds_count{${NS}}`, 2),
      grows(`invitations_reminders_late_seconds_bucket{${NS},le="3600"}`, 2),
    ],
    at: '30m',
  },
  {
    alert: 'InvitationsVerifyOverdue',
    // Created long ago, as promtool counts from 1970, and never successful.
    fires: [still(`kube_cronjob_created{${NS},cronjob="verify"}`, 0)],
    quiet: [
      still(`kube_cronjob_created{${NS},cronjob="verify"}`, 0),
      still(`kube_cronjob_status_last_successful_time{${NS},cronjob="verify"}`, 3 * 86_400),
    ],
    at: '230h',
    step: '1h',
  },
  gauge(
    'InvitationsAccountParked',
    `invitations_projection_parked_accounts{${NS},projection="a"}`,
    1,
    0,
    '6m',
  ),
  gauge('InvitationsMembersSweepRefused', `invitations_members_sweep_refused{${NS},pod="a"}`, 1, 0, '6m'),
  {
    alert: 'InvitationsApiErrors',
    fires: [grows(HTTP('status="500"'), 3), grows(HTTP('status="200"'), 97)],
    quiet: [grows(HTTP('status="500"'), 1), grows(HTTP('status="200"'), 99)],
    at: '12m',
  },
  {
    alert: 'InvitationsTokensRefused',
    fires: [grows(HTTP('status="401"'), 60), grows(HTTP('status="200"'), 40)],
    quiet: [grows(HTTP('status="401"'), 40), grows(HTTP('status="200"'), 60)],
    at: '18m',
  },
  {
    alert: 'InvitationsApiSlow',
    fires: [
      grows(`http_request_duration_seconds_bucket{${NS},method="GET",le="1"}`, 90),
      grows(`http_request_duration_seconds_bucket{${NS},method="GET",le="2.5"}`, 100),
      grows(`http_request_duration_seconds_bucket{${NS},method="GET",le="+Inf"}`, 100),
    ],
    quiet: [
      grows(`http_request_duration_seconds_bucket{${NS},method="GET",le="1"}`, 100),
      grows(`http_request_duration_seconds_bucket{${NS},method="GET",le="2.5"}`, 100),
      grows(`http_request_duration_seconds_bucket{${NS},method="GET",le="+Inf"}`, 100),
    ],
    at: '18m',
  },
  {
    alert: 'InvitationsCommandsUnanswered',
    fires: [grows(HTTP('method="POST",status="202"'), 6), grows(HTTP('method="POST",status="200"'), 94)],
    quiet: [grows(HTTP('method="POST",status="202"'), 4), grows(HTTP('method="POST",status="200"'), 96)],
    at: '12m',
  },
  gauge('InvitationsMailWaits', `notification_oldest_due_seconds{${NS}}`, 1000, 800, '11m'),
  {
    alert: 'InvitationsMailRefused',
    fires: [
      still(`notification_smtp_circuit_open{${NS},pod="a"}`, 1),
      still(`notification_smtp_circuit_opened_total{${NS},pod="a"}`, 1),
    ],
    quiet: [
      still(`notification_smtp_circuit_open{${NS},pod="a"}`, 0),
      still(`notification_smtp_circuit_opened_total{${NS},pod="a"}`, 1),
    ],
    at: '40m',
  },
  {
    alert: 'InvitationsMailFailures',
    fires: [
      grows(`notification_deliveries_total{${NS},state="failed"}`, 6),
      grows(`notification_deliveries_total{${NS},state="sent"}`, 94),
    ],
    quiet: [
      grows(`notification_deliveries_total{${NS},state="failed"}`, 4),
      grows(`notification_deliveries_total{${NS},state="sent"}`, 96),
      grows(`notification_deliveries_total{${NS},state="suppressed"}`, 500),
    ],
    at: '35m',
  },
  {
    alert: 'InvitationsConsumerLag',
    fires: [still(LAG, 21_000)],
    quiet: [still(LAG, 19_000), still(LAG.replace('"command"', '"staging.command"'), 21_000)],
    at: '11m',
  },
  {
    alert: 'InvitationsConsumerStuck',
    fires: [still(LAG, 5), still(OFFSET, 7)],
    // It goes on; or nothing waits.
    quiet: [
      still(LAG, 5),
      grows(OFFSET, 1),
      still(LAG.replace('partition="0"', 'partition="1"'), 0),
      still(OFFSET.replace('partition="0"', 'partition="1"'), 7),
    ],
    at: '20m',
  },
  {
    alert: 'InvitationsDeadLetters',
    fires: [grows('kafka_topic_partition_current_offset{topic="invitations.commands.dead-letter"}', 1)],
    quiet: [
      still('kafka_topic_partition_current_offset{topic="invitations.commands.dead-letter"}', 5),
      grows('kafka_topic_partition_current_offset{topic="staging.invitations.commands.dead-letter"}', 1),
    ],
    at: '20m',
  },
  ...burns('InvitationsOutcomesSlow', 0.001, (slow) =>
    histogram('invitations_publish_to_outcome_seconds', '5', 1000 * (1 - slow), 1000),
  ),
  ...burns('InvitationsMailSlow', 0.01, (slow) =>
    histogram('notification_event_to_mail_seconds', '60', 1000 * (1 - slow), 1000),
  ),
  ...burns(
    'InvitationsProjectionLate',
    0.01,
    (slow) => [
      // Late at regular intervals. A short window has few of them, so the shares are far from the limit.
      [
        `invitations_projection_lag_seconds{${NS},projection="a"}`,
        Array.from({ length: 500 }, (_, step) =>
          Math.floor((step + 1) * slow) > Math.floor(step * slow) ? 40 : 1,
        ).join(' '),
      ],
    ],
    [4, 0.5],
  ),
];
