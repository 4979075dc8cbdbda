import type { ExpectedRevision } from '../store/check-append.js';
import { ProposedEvents } from './proposed-events.js';
import { WriteTimeoutError } from './request-errors.js';
import { expectedRevisionOf, streamNameOf } from './requests.js';
import { shared, type streams } from './stubs.js';
import { WRITE_TIMEOUT_MS } from './timeout.js';

/** One append of a BatchAppend call, from its first message to its answer. */
export class PendingAppend {
  readonly correlation: shared.UUID;
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly proposed = new ProposedEvents();
  readonly #timer: NodeJS.Timeout;
  #isSettled = false;

  /**
   * @param onTimeout called when the append takes longer than the client, or the server, allows
   * @throws BadRequestError, or WriteTimeoutError when the client's deadline is past already
   */
  constructor(correlation: shared.UUID, options: streams.BatchAppendReq.Options, onTimeout: () => void) {
    this.correlation = correlation;
    this.stream = streamNameOf(options.getStreamIdentifier());
    this.expected = expectedRevisionOf(options, options.getStreamPosition());
    const ms = Math.min(millisecondsLeft(options), WRITE_TIMEOUT_MS);
    if (ms <= 0) throw new WriteTimeoutError();
    this.#timer = setTimeout(onTimeout, ms);
  }

  get streamIdentifier(): shared.StreamIdentifier {
    return new shared.StreamIdentifier().setStreamName(Buffer.from(this.stream));
  }

  /** @returns true the first time: an append is answered once, a second answer is an exception in the client */
  settle(): boolean {
    clearTimeout(this.#timer);
    const isFirst = !this.#isSettled;
    this.#isSettled = true;
    return isFirst;
  }
}

/** The client sends its deadline as a point in time, by its own clock. */
function millisecondsLeft(options: streams.BatchAppendReq.Options): number {
  const deadline = options.getDeadline();
  return deadline ? deadline.getSeconds() * 1000 + deadline.getNanos() / 1e6 - Date.now() : Infinity;
}
