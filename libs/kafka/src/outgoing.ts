import type { Message } from 'kafkajs';
import type { SpanAttributes } from '#libs/platform';

/** A message to publish; its promise settles when every in-sync replica has it. */
export interface Outgoing {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Message['headers'];
  /** Of a message that is a step on an invitation's way. What has none carries no trace context (D1). */
  readonly trace?: SentFrom;
}

/** Where a message is on its way. */
export interface SentFrom {
  /** The `traceparent` of the step before; without one, the trace begins here. */
  readonly parent?: string | undefined;
  readonly attributes: SpanAttributes;
}
