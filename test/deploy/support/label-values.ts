import { TOPICS } from '#libs/contracts';
import { WORKERS } from '../../../apps/projector/src/workers.js';
import { textOf } from './files.js';
import { APPS } from './workloads.js';

/** The consumer groups of the apps, as an exporter sees them; those of the api's instances have names of their own. */
export const GROUPS: readonly string[] = [
  new APPS.command.Config().COMMAND_GROUP,
  new APPS.notification.Config().KAFKA_GROUP,
  /groupId: '([^']+)'/.exec(textOf('apps/projector/src/projector-app.ts'))![1]!,
];

const [, states] = /CHECK \(state IN \((.*?)\)\)/s.exec(
  textOf('apps/notification/migrations/001.do.members-connections-preferences-deliveries.sql'),
)!;

/** Labels whose values are ours to name. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  projection: WORKERS,
  consumergroup: GROUPS,
  topic: Object.values(TOPICS),
  method: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'],
  namespace: ['invitations'],
};

const DELIVERY_STATES = states!.split(', ').map((state) => state.replaceAll("'", ''));

/** The values of a matcher, `a` or `a|b`, that no such label ever has; a variable of a dashboard stands for any. */
export function unknownValues(metric: string, label: string, value: string): string[] {
  const isDelivery = metric === 'notification_deliveries_total' && label === 'state';
  const known = isDelivery ? DELIVERY_STATES : KNOWN[label];
  if (known === undefined || value.startsWith('$')) return [];
  return value.split('|').filter((one) => !known.includes(one));
}
