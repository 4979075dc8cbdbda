import { MEMBERS_GROUP } from '../members/member-profiles.consumer.js';
import { readTopicToEnd, type Kafka, type ProducerMessage } from '#libs/kafka';

/**
 * Publishes a record without a value for the member's profile, after which compaction removes the profile from its topic.
 * The group is one that the projector may use, so that it only needs a right to write if the profile service has not removed the
 * profile itself.
 * @returns false if the last record of the member has no value, or there is none
 */
export async function removeProfile(
  kafka: Kafka,
  topic: string,
  groupPrefix: string,
  send: (message: ProducerMessage) => Promise<void>,
  memberId: string,
): Promise<boolean> {
  let isPresent = false;
  await readTopicToEnd(
    kafka,
    topic,
    { groupPrefix: `${groupPrefix}${MEMBERS_GROUP}.sweep.erase` },
    ({ key, value }) => {
      if (key?.toString() === memberId) isPresent = value !== null;
    },
  );
  if (isPresent) await send({ topic, key: memberId, value: null });
  return isPresent;
}
