import { originOf, type Incoming } from '#libs/kafka';
import type { MessagePlace } from '#libs/read-models';

/** What a list says of a dead letter. None of it is a member's. */
export interface DeadLetter {
  /** `<partition>@<offset>` in the dead-letter topic. */
  readonly place: string;
  readonly at: string | undefined;
  /** Where its message stood; undefined for what no app of ours has set aside. */
  readonly origin: MessagePlace | undefined;
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly reason: string | undefined;
}

export function deadLetterOf(message: Incoming): DeadLetter {
  return {
    place: `${message.partition}@${message.offset}`,
    at: message.header('dead-letter-at'),
    origin: originOf(message),
    type: message.header('ce_type'),
    id: message.header('ce_id'),
    reason: message.header('dead-letter-reason'),
  };
}

export const originText = ({ topic, partition, offset }: MessagePlace): string =>
  `${topic}/${partition}@${offset}`;
