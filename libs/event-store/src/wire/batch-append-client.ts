import { randomUUID } from 'node:crypto';
import { finished, type Duplex } from 'node:stream';
import { convertToCommandError, UnavailableError, type EventStoreDBClient } from '@eventstore/db-client';
import {
  BATCH_APPEND,
  decodeAppendResponse,
  encodeAppendRequest,
  toAppendError,
  type Append,
  type AppendResponse,
} from './append-codec.js';
import { internalsOf, StreamsClient } from './client-internals.js';
import { ResponseTimeout } from './response-timeout.js';

interface PendingAppend {
  readonly append: Append;
  readonly resolve: (revision: bigint) => void;
  readonly reject: (error: unknown) => void;
  readonly timeout: ResponseTimeout;
}

type AppendStream = Duplex & { cancel(): void };

/** One BatchAppend call, and the appends that await a response on it. */
class BatchAppendCall {
  private readonly pending = new Map<string, PendingAppend>();
  private stream: AppendStream | undefined;
  private acceptsAppends = true;

  get isOpen(): boolean {
    return this.acceptsAppends;
  }

  begin(stream: AppendStream): void {
    this.stream = stream;
  }

  send(id: string, request: Buffer, pending: PendingAppend): void {
    this.pending.set(id, pending);
    // The buffer needs no bound: callers bound how many appends are pending.
    this.stream!.write(request);
  }

  onResponse(response: AppendResponse): void {
    const pending = this.pending.get(response.id);
    // Undefined for a response that came after its timeout.
    if (pending === undefined) return;
    pending.timeout.stop();
    if (response.revision === undefined) pending.reject(toAppendError(response, pending.append));
    else pending.resolve(response.revision);
    this.remove(response.id);
  }

  /** Closes the call to new appends, because the server may never respond on it again. */
  onTimeout(id: string): void {
    this.acceptsAppends = false;
    this.remove(id);
  }

  /** Rejects all pending appends, because the call has ended. */
  onEnd(error: unknown): void {
    this.acceptsAppends = false;
    for (const { timeout, reject } of this.pending.values()) {
      timeout.stop();
      reject(error);
    }
    this.pending.clear();
  }

  /**
   * Removes a pending append, and cancels a closed call after its last one. The call is not half-closed earlier, because
   * EventStoreDB would then send the next response and drop all others.
   */
  private remove(id: string): void {
    this.pending.delete(id);
    if (this.acceptsAppends || this.pending.size > 0) return;
    // Not synchronously: https://github.com/grpc/grpc-node/issues/1652.
    setImmediate(() => this.stream?.cancel());
  }
}

/**
 * Appends on a client's connection, many at a time on one call. It replaces the client's `appendToStream`, which never times
 * out, never settles for data that cannot be encoded, fails the appends of every client of the process when one call breaks,
 * and encodes data several times (docs/adr/0010).
 */
export class BatchAppendClient {
  private call: BatchAppendCall | undefined;
  private opening: Promise<BatchAppendCall> | undefined;

  constructor(private readonly client: EventStoreDBClient) {}

  /**
   * @param timeoutMs how long to wait for the response, in milliseconds
   * @returns the revision of the last event
   * @throws the client's errors; after any other error it is unknown whether the events were appended
   */
  async append(append: Append, timeoutMs: number): Promise<bigint> {
    const id = randomUUID();
    const request = encodeAppendRequest(id, append);
    const call = this.call?.isOpen === true ? this.call : await this.openCall();
    return new Promise((resolve, reject) => {
      const timeout = new ResponseTimeout(timeoutMs, () => {
        call.onTimeout(id);
        reject(new Error(`no response within ${timeoutMs} ms`));
      });
      call.send(id, request, { append, resolve, reject, timeout });
    });
  }

  /** Opens a call, or waits for the one that is being opened. */
  private async openCall(): Promise<BatchAppendCall> {
    do {
      this.opening ??= this.startCall().finally(() => (this.opening = undefined));
      this.call = await this.opening;
      // The call may have ended before this continues.
    } while (!this.call.isOpen);
    return this.call;
  }

  private async startCall(): Promise<BatchAppendCall> {
    const call = new BatchAppendCall();
    const client = internalsOf(this.client);
    const begin = client.GRPCStreamCreator(StreamsClient, 'append', (stub) => {
      const [metadata, options] = client.callArguments({ requiresLeader: true }, { deadline: Infinity });
      const stream = stub.makeBidiStreamRequest(
        BATCH_APPEND,
        (request: Buffer) => request,
        decodeAppendResponse,
        metadata,
        options,
      ) as unknown as AppendStream;
      stream.on('data', (response: AppendResponse) => call.onResponse(response));
      finished(stream, (error) => call.onEnd(error ? convertToCommandError(error) : new UnavailableError()));
      return stream;
    });
    call.begin(await begin());
    return call;
  }
}
