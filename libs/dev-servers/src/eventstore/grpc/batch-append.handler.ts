import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import type { EventStore } from '../store/event-store.js';
import { StoreBusyError } from '../store/store-errors.js';
import { errorOf, successOf } from './batch-append-responses.js';
import { faultOf } from './faults.js';
import { PendingAppend } from './pending-append.js';
import { WriteTimeoutError } from './request-errors.js';
import { uuidOf } from './requests.js';
import { streams, type shared } from './stubs.js';

/** Appends of one call whose last message has not come yet, of 1 MiB at most each. */
const MAX_INCOMPLETE = 64;
/** Appends of one call that wait for the disk; then the call is read no further. */
const MAX_UNANSWERED = 4096;

type Call = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

/** Streams.BatchAppend: one call carries many appends, told apart by correlation id. */
export function batchAppendHandler(
  store: EventStore,
): handleBidiStreamingCall<streams.BatchAppendReq, streams.BatchAppendResp> {
  return (call) => new BatchAppendCall(store, call).serve();
}

class BatchAppendCall {
  readonly #store: EventStore;
  readonly #call: Call;
  readonly #incomplete = new Map<string, PendingAppend>();
  #unanswered = 0;
  #isHalfClosed = false;
  #isOver = false;
  #awaitsDisk = false;

  constructor(store: EventStore, call: Call) {
    this.#store = store;
    this.#call = call;
  }

  serve(): void {
    const call = this.#call;
    call.on('data', (request: streams.BatchAppendReq) => this.#take(request));
    call.on('drain', () => this.#regulate());
    call.on('end', () => {
      this.#isHalfClosed = true;
      this.#endWhenAnswered();
    });
    call.on('error', () => this.#abandon());
    call.on('cancelled', () => this.#abandon());
  }

  #take(request: streams.BatchAppendReq): void {
    if (this.#isOver) return;
    let key: string;
    try {
      key = uuidOf(request.getCorrelationId());
    } catch (error) {
      // Without a correlation id nothing can be answered: the call as a whole fails.
      return void this.#call.emit('error', faultOf(error));
    }
    const options = request.getOptions();
    const append = this.#incomplete.get(key) ?? (options && this.#begin(key, request, options));
    // Nothing begun: the answer, a refusal or a timeout, is already out.
    if (append) this.#continue(key, append, request);
  }

  #begin(
    key: string,
    request: streams.BatchAppendReq,
    options: streams.BatchAppendReq.Options,
  ): PendingAppend | undefined {
    const correlation = request.getCorrelationId()!;
    try {
      if (this.#incomplete.size === MAX_INCOMPLETE) throw new StoreBusyError('too many incomplete appends');
      const append: PendingAppend = new PendingAppend(correlation, options, () => {
        this.#incomplete.delete(key);
        this.#refuse(append, new WriteTimeoutError());
      });
      this.#incomplete.set(key, append);
      return append;
    } catch (error) {
      const response = new streams.BatchAppendResp().setError(errorOf(error, 'any'));
      this.#respond(response, correlation, options.getStreamIdentifier());
      return undefined;
    }
  }

  #continue(key: string, append: PendingAppend, request: streams.BatchAppendReq): void {
    try {
      for (const message of request.getProposedMessagesList()) append.proposed.add(message);
    } catch (error) {
      this.#incomplete.delete(key);
      return this.#refuse(append, error);
    }
    if (!request.getIsFinal()) return;
    this.#incomplete.delete(key);
    void this.#complete(append);
  }

  async #complete(append: PendingAppend): Promise<void> {
    this.#unanswered++;
    try {
      const appended = this.#store.append(append.stream, append.expected, append.proposed.events);
      this.#regulate();
      const response = new streams.BatchAppendResp().setSuccess(successOf(await appended));
      if (append.settle()) this.#respond(response, append.correlation, append.streamIdentifier);
    } catch (error) {
      this.#refuse(append, error);
    }
    this.#unanswered--;
    this.#regulate();
    this.#endWhenAnswered();
  }

  #refuse(append: PendingAppend, error: unknown): void {
    if (!append.settle()) return;
    const response = new streams.BatchAppendResp().setError(errorOf(error, append.expected));
    this.#respond(response, append.correlation, append.streamIdentifier);
    this.#endWhenAnswered();
  }

  #respond(
    response: streams.BatchAppendResp,
    correlation: shared.UUID,
    stream: shared.StreamIdentifier | undefined,
  ): void {
    if (this.#isOver) return;
    this.#call.write(response.setCorrelationId(correlation).setStreamIdentifier(stream));
  }

  /** Reads on only as far as the answers go out and the disk keeps up. */
  #regulate(): void {
    if (this.#isOver) return;
    const { isSaturated } = this.#store;
    if (isSaturated || this.#call.writableNeedDrain || this.#unanswered >= MAX_UNANSWERED) this.#call.pause();
    else this.#call.resume();
    if (!isSaturated || this.#awaitsDisk) return;
    this.#awaitsDisk = true;
    const goOn = () => {
      this.#awaitsDisk = false;
      this.#regulate();
    };
    this.#store.settled().then(goOn, () => this.#abandon());
  }

  #endWhenAnswered(): void {
    if (this.#isOver || !this.#isHalfClosed || this.#unanswered > 0 || this.#incomplete.size > 0) return;
    this.#isOver = true;
    this.#call.end();
  }

  #abandon(): void {
    this.#isOver = true;
    for (const append of this.#incomplete.values()) append.settle();
    this.#incomplete.clear();
  }
}
