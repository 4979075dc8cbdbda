import { findRedrivenMessages } from '#libs/command-topic';
import { givenAttributes, type Topics } from '#libs/contracts';
import {
  isDeadLetterWithoutContent,
  readDeadLetterOrigin,
  readTopicToEnd,
  type ConsumedMessage,
  type DeadLetterOrigin,
  type Kafka,
  type ReadTopicToEndOptions,
  type UndecodableBatch,
} from '#libs/kafka';
import type { Pool } from '#libs/platform';
import { DATABASE, withDependency } from '../with-dependency.js';

/** What may be shown of a dead letter. It contains no personal data. */
export interface DeadLetter {
  /** `<partition>@<offset>` in the dead-letter topic. */
  readonly place: string;
  readonly at: string | undefined;
  /** The offset of the original message; undefined for a message that none of our apps has written. */
  readonly origin: DeadLetterOrigin | undefined;
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly reason: string | undefined;
  /** Whether the letter contains its message. If not, the message is in its topic until retention deletes it. */
  readonly hasContent: boolean;
}

export interface FoundLetter {
  readonly letter: DeadLetter;
  readonly message: ConsumedMessage;
  /** When the message was published again, if it was. */
  readonly redrivenAt: string | undefined;
}

/** A letter has to match all criteria that are not undefined. */
export interface Selection {
  /** In the dead-letter topic. */
  readonly places?: ReadonlySet<string>;
  /** A part of the reason, case-insensitive. */
  readonly reason?: string;
  /** A part of `ce_type`, case-insensitive. */
  readonly type?: string;
  /** The earliest time, in milliseconds. */
  readonly since?: number;
}

const PROGRESS_INTERVAL = 1_000;

/** Reads the dead-letter topic, and looks up which of the messages were re-driven. */
export class DeadLetterReader {
  constructor(
    private readonly topics: Topics,
    private readonly groupPrefix: string,
    private readonly kafka: Kafka,
    private readonly pool: Pool,
    /** Called for every 1,000 messages with the number read so far. */
    private readonly onProgress: (count: number) => void,
    /** Called for a batch of the dead-letter topic itself that cannot be decoded. */
    private readonly onUndecodable: (batch: UndecodableBatch) => void,
  ) {}

  /** Passes the selected letters on, by partition and offset. Of two letters for one message only the first is passed on. */
  async read(selection: Selection, onLetter: (found: FoundLetter) => void | Promise<void>): Promise<void> {
    const redriven = new Map(
      (await withDependency(DATABASE, findRedrivenMessages(this.pool))).map((message) => [
        formatOrigin(message),
        message.redrivenAt,
      ]),
    );
    const seen = new Set<string>();
    let count = 0;
    const { since } = selection;
    const options: ReadTopicToEndOptions = {
      groupPrefix: `${this.groupPrefix}dead-letters`,
      onUndecodableBatch: this.onUndecodable,
      ...(since === undefined ? {} : { since }),
    };
    await readTopicToEnd(this.kafka, this.topics.deadLetters, options, async (message) => {
      count += 1;
      if (count % PROGRESS_INTERVAL === 0) this.onProgress(count);
      const letter = toDeadLetter(message);
      const key = letter.origin === undefined ? letter.place : formatOrigin(letter.origin);
      // A letter that is selected by its place is passed on even if it is a duplicate.
      if (seen.has(key) && selection.places?.has(letter.place) !== true) return;
      seen.add(key);
      if (isSelected(letter, selection))
        await onLetter({ letter, message, redrivenAt: redrivenAfter(letter, redriven.get(key)) });
    });
  }
}

function toDeadLetter(message: ConsumedMessage): DeadLetter {
  const origin = readDeadLetterOrigin(message);
  return {
    place: `${message.partition}@${message.offset}`,
    at: message.header('dead-letter-at'),
    origin,
    ...givenAttributes(message),
    reason: message.header('dead-letter-reason'),
    hasContent: origin?.lastOffset === undefined && !isDeadLetterWithoutContent(message),
  };
}

/** `<topic>/<partition>@<offset>`, and for a batch `@<first>-<last>`. */
export const formatOrigin = ({ topic, partition, offset, lastOffset }: DeadLetterOrigin): string =>
  `${topic}/${partition}@${offset}${lastOffset === undefined ? '' : `-${lastOffset}`}`;

/** A recreated topic starts at offset 0 again, so a re-drive from before the letter was written concerns another message. */
function redrivenAfter({ at }: DeadLetter, redrivenAt: string | undefined): string | undefined {
  return redrivenAt !== undefined && redrivenAt >= (at ?? '') ? redrivenAt : undefined;
}

function isSelected(letter: DeadLetter, { places, reason, type, since }: Selection): boolean {
  return (
    (places?.has(letter.place) ?? true) &&
    (reason === undefined || contains(letter.reason, reason)) &&
    (type === undefined || contains(letter.type, type)) &&
    (since === undefined || Date.parse(letter.at ?? '') >= since)
  );
}

const contains = (text: string | undefined, part: string) =>
  text?.toLowerCase().includes(part.toLowerCase()) ?? false;
