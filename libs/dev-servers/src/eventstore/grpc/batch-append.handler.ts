import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import type { Access, User } from '../access/access.js';
import { GoogleEmpty, shared, streams } from '../protocol/stubs.js';
import { type ExpectedRevision, StoreBusyError } from '../store/check-append.js';
import type { AppendResult, EventStore } from '../store/event-store.js';
import { toBatchAppendStatus, toServiceError, WRITE_TIMEOUT_MS, WriteTimeoutError } from './grpc-errors.js';
import {
  ProposedEvents,
  readCredentials,
  readExpectedRevision,
  readStreamName,
  readUuid,
} from './request-fields.js';

/** Appends of one call whose final message has not arrived yet; each holds at most 1 MiB of data. */
const MAX_INCOMPLETE = 64;
/** Appends of one call that wait for the disk. At this number the server stops reading from the call. */
const MAX_UNANSWERED = 4096;

type Call = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

/**
 * Streams.BatchAppend: one call carries many appends, each with a correlation id.
 *
 * As on the real server, a client that half-closes the call gets one more response, and then the end of the call. All other
 * responses are lost, and a half-closed call with no append in progress does not end.
 */
export function batchAppendHandler(
  store: EventStore,
  access: Access,
): handleBidiStreamingCall<streams.BatchAppendReq, streams.BatchAppendResp> {
  return (call) => new BatchAppendCall(store, access, call).serve();
}

class BatchAppendCall {
  readonly #store: EventStore;
  readonly #access: Access;
  readonly #call: Call;
  readonly #incomplete = new Map<string, PendingAppend>();
  #unanswered = 0;
  #isHalfClosed = false;
  #isOver = false;
  #awaitsDisk = false;

  constructor(store: EventStore, access: Access, call: Call) {
    this.#store = store;
    this.#access = access;
    this.#call = call;
  }

  serve(): void {
    const call = this.#call;
    call.on('data', (request: streams.BatchAppendReq) => this.#handleRequest(request));
    call.on('drain', () => this.#applyBackPressure());
    call.on('end', () => (this.#isHalfClosed = true));
    call.on('error', () => this.#discardAppends());
    call.on('cancelled', () => this.#discardAppends());
    try {
      this.#access.authenticate(readCredentials(call));
    } catch (error) {
      call.emit('error', toServiceError(error));
    }
  }

  #handleRequest(request: streams.BatchAppendReq): void {
    if (this.#isOver) return;
    let key: string;
    let user: User;
    try {
      // Checked for each append, because the user's password may have changed since the call began.
      user = this.#access.authenticate(readCredentials(this.#call));
      key = readUuid(request.getCorrelationId());
    } catch (error) {
      // Without a correlation id or a user no single append can be rejected: the whole call fails.
      return void this.#call.emit('error', toServiceError(error));
    }
    const options = request.getOptions();
    const append = this.#incomplete.get(key) ?? (options && this.#startAppend(key, user, request, options));
    // No append: it was rejected or has timed out, and the client has its response.
    if (append) this.#addEvents(key, append, request);
  }

  #startAppend(
    key: string,
    user: User,
    request: streams.BatchAppendReq,
    options: streams.BatchAppendReq.Options,
  ): PendingAppend | undefined {
    const correlation = request.getCorrelationId()!;
    try {
      if (this.#incomplete.size === MAX_INCOMPLETE) throw new StoreBusyError('too many incomplete appends');
      const append: PendingAppend = new PendingAppend(correlation, options, () => {
        this.#incomplete.delete(key);
        this.#reject(append, new WriteTimeoutError());
      });
      try {
        this.#access.authorize(user, '$w', append.stream);
      } catch (error) {
        this.#reject(append, error);
        return undefined;
      }
      this.#incomplete.set(key, append);
      return append;
    } catch (error) {
      const response = new streams.BatchAppendResp().setError(toBatchAppendStatus(error, 'any'));
      this.#respond(response, correlation, options.getStreamIdentifier());
      return undefined;
    }
  }

  #addEvents(key: string, append: PendingAppend, request: streams.BatchAppendReq): void {
    try {
      for (const message of request.getProposedMessagesList()) append.proposed.add(message);
    } catch (error) {
      this.#incomplete.delete(key);
      return this.#reject(append, error);
    }
    if (!request.getIsFinal()) return;
    this.#incomplete.delete(key);
    void this.#completeAppend(append);
  }

  async #completeAppend(append: PendingAppend): Promise<void> {
    this.#unanswered++;
    try {
      const appending = this.#store.append(append.stream, append.expected, append.proposed.events);
      this.#applyBackPressure();
      const response = new streams.BatchAppendResp().setSuccess(toSuccess(await appending));
      if (append.finish()) this.#respond(response, append.correlation, append.streamIdentifier);
    } catch (error) {
      this.#reject(append, error);
    }
    this.#unanswered--;
    this.#applyBackPressure();
  }

  #reject(append: PendingAppend, error: unknown): void {
    if (!append.finish()) return;
    const response = new streams.BatchAppendResp().setError(toBatchAppendStatus(error, append.expected));
    this.#respond(response, append.correlation, append.streamIdentifier);
  }

  #respond(
    response: streams.BatchAppendResp,
    correlation: shared.UUID,
    stream: shared.StreamIdentifier | undefined,
  ): void {
    if (this.#isOver) return;
    this.#call.write(response.setCorrelationId(correlation).setStreamIdentifier(stream));
    if (!this.#isHalfClosed) return;
    this.#discardAppends();
    this.#call.end();
  }

  /** Reads from the call only while the client takes responses and the disk keeps up. */
  #applyBackPressure(): void {
    if (this.#isOver) return;
    const { isSaturated } = this.#store;
    if (isSaturated || this.#call.writableNeedDrain || this.#unanswered >= MAX_UNANSWERED) this.#call.pause();
    else this.#call.resume();
    if (!isSaturated || this.#awaitsDisk) return;
    this.#awaitsDisk = true;
    const resume = () => {
      this.#awaitsDisk = false;
      this.#applyBackPressure();
    };
    this.#store.whenDurable().then(resume, () => this.#discardAppends());
  }

  #discardAppends(): void {
    this.#isOver = true;
    for (const append of this.#incomplete.values()) append.finish();
    this.#incomplete.clear();
  }
}

/** One append of a BatchAppend call, from its first message to its response. */
class PendingAppend {
  readonly correlation: shared.UUID;
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly proposed = new ProposedEvents();
  readonly #timer: NodeJS.Timeout;
  #isFinished = false;

  /**
   * @param onTimeout called when the append takes longer than the client's deadline or the server's timeout
   * @throws BadRequestError; WriteTimeoutError when the client's deadline has passed already
   */
  constructor(correlation: shared.UUID, options: streams.BatchAppendReq.Options, onTimeout: () => void) {
    this.correlation = correlation;
    this.stream = readStreamName(options.getStreamIdentifier());
    this.expected = readExpectedRevision(options, options.getStreamPosition());
    const ms = Math.min(millisecondsLeft(options), WRITE_TIMEOUT_MS);
    if (ms <= 0) throw new WriteTimeoutError();
    this.#timer = setTimeout(onTimeout, ms);
  }

  get streamIdentifier(): shared.StreamIdentifier {
    return new shared.StreamIdentifier().setStreamName(Buffer.from(this.stream));
  }

  /** @returns true at the first call only: a second response to an append is an exception in the client */
  finish(): boolean {
    clearTimeout(this.#timer);
    const isFirst = !this.#isFinished;
    this.#isFinished = true;
    return isFirst;
  }
}

/** The client sends its deadline as a point in time by its own clock. */
function millisecondsLeft(options: streams.BatchAppendReq.Options): number {
  const deadline = options.getDeadline();
  return deadline ? deadline.getSeconds() * 1000 + deadline.getNanos() / 1e6 - Date.now() : Infinity;
}

function toSuccess({ revision, position }: AppendResult): streams.BatchAppendResp.Success {
  const success = new streams.BatchAppendResp.Success().setPosition(
    new shared.AllStreamPosition().setCommitPosition(String(position)).setPreparePosition(String(position)),
  );
  return revision < 0 ? success.setNoStream(new GoogleEmpty()) : success.setCurrentRevision(String(revision));
}
