import type { Incoming } from '#libs/kafka';
import type { Queryable } from '#libs/platform';

/** What is done with the messages of one topic. */
export interface TopicHandler<Parsed> {
  /**
   * @param traceparent of the step that this app is on the message's way, where traces are kept
   * @throws InvalidData for what is to be set aside
   */
  parse(message: Incoming, traceparent?: string): Parsed;
  /** Stores a chunk in the given transaction, which then also covers what was set aside. A repeat changes nothing. */
  store(tx: Queryable, parsed: readonly Parsed[]): Promise<void>;
  /** Runs when that is committed, if the process lives: for what is only sooner by it. */
  afterwards?(db: Queryable, parsed: readonly Parsed[]): Promise<void>;
}
