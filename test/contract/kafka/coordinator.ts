import type { Admin } from 'kafkajs';
import { until } from '../../support/until.js';

/**
 * Waits until a group has a coordinator that responds. A new cluster must first make one ready, and until it has loaded,
 * it refuses with NOT_COORDINATOR, which kafkajs does not repeat here.
 */
export async function untilCoordinated(groupId: string, admin: Admin): Promise<void> {
  let reason: unknown;
  const isDescribed = async () => {
    try {
      await admin.describeGroups([groupId]);
      return true;
    } catch (error) {
      reason = error;
      return false;
    }
  };
  await until(isDescribed, 60_000, () => `a coordinator of ${groupId}: ${String(reason)}`, 250);
}
