import { TOPICS } from '#libs/contracts';
import { MEMBERS_GROUP } from '../../../apps/projector/src/members/member-profiles.consumer.js';
import { WORKERS } from '../../../apps/projector/src/workers.js';
import { textOf } from './files.js';
import { APPS } from './workloads.js';

/** The consumer groups of the apps, as an exporter sees them. The groups of the api's instances have other names. */
export const GROUPS: readonly string[] = [
  new APPS.command.Config().COMMAND_GROUP,
  new APPS.notification.Config().KAFKA_GROUP,
  MEMBERS_GROUP,
];

const [, states] = /CHECK \(state IN \((.*?)\)\)/s.exec(
  textOf('apps/notification/migrations/001.do.members-connections-preferences-deliveries.sql'),
)!;

/** Labels whose values this project defines. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  projection: WORKERS,
  consumergroup: GROUPS,
  topic: Object.values(TOPICS),
  method: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'],
  // In an installation, the name of its namespace.
  namespace: ['unset'],
};

const DELIVERY_STATES = states!.split(', ').map((state) => state.replaceAll("'", ''));

/** Returns the values in a matcher, such as `a` or `a|b`, that the label never has. A variable of a dashboard matches any. */
export function unknownValues(metric: string, label: string, value: string): string[] {
  const isDelivery = metric === 'notification_deliveries_total' && label === 'state';
  const known = isDelivery ? DELIVERY_STATES : KNOWN[label];
  if (known === undefined || value.startsWith('$')) return [];
  // A prefix of the installation comes between the two groups (deploy/kubernetes/alerts/kafka-rules.yaml).
  const names = value.replace('(?:)(?:)', '').replace(/^\((.*)\)$/, '$1');
  return names.split('|').filter((one) => !known.includes(one));
}
