import { randomUUID } from 'node:crypto';
import { finished, type Duplex } from 'node:stream';
import { convertToCommandError, UnavailableError, type EventStoreDBClient } from '@eventstore/db-client';
import { AnswerTimer } from './answer-timer.js';
import {
  appendRequest,
  BATCH_APPEND,
  failureOf,
  readAnswer,
  type Answer,
  type Append,
} from './append-protocol.js';
import { internalsOf, StreamsClient } from './client-internals.js';

interface Waiting {
  readonly append: Append;
  readonly resolve: (revision: bigint) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: AnswerTimer;
}

/** One call of BatchAppend, and the appends that wait for an answer on it. */
interface Call {
  readonly stream: Duplex;
  readonly waiting: Map<string, Waiting>;
}

/**
 * Appends on a client's connection, many at a time on one call. It does what the client's `appendToStream` does, and is
 * there for what that does not: an append is over after a time, whatever the server does; one that cannot be encoded fails
 * by itself; a call that breaks ends its own appends and not those of every client of the process; and data are encoded
 * once, where the client makes text of the bytes, and bytes of the text, and that twice (docs/adr/0010).
 */
export class AppendStream {
  private call: Promise<Call> | undefined;

  constructor(private readonly client: EventStoreDBClient) {}

  /**
   * @param timeoutMs after which the answer is not waited for any more
   * @returns the revision of the last event
   * @throws the client's errors; what is none of them is unclear: the events may have been appended
   */
  async append(append: Append, timeoutMs: number): Promise<bigint> {
    const id = randomUUID();
    const request = appendRequest(id, append);
    const call = this.call ?? this.open();
    const { stream, waiting } = await call;
    return new Promise((resolve, reject) => {
      const timer = new AnswerTimer(timeoutMs, () => {
        waiting.delete(id);
        if (this.call === call) this.call = undefined;
        // Who waits on it is still answered. What is repeated goes out on another: this one may be past answering.
        stream.end();
        reject(new Error(`no answer within ${timeoutMs} ms`));
      });
      waiting.set(id, { append, resolve, reject, timer });
      // Whoever appends has a bound on what is under way, and so has the buffer.
      stream.write(request);
    });
  }

  private open(): Promise<Call> {
    const waiting = new Map<string, Waiting>();
    const isOver = (error: unknown) => {
      if (this.call === call) this.call = undefined;
      for (const { timer, reject } of waiting.values()) {
        timer.stop();
        reject(error);
      }
      waiting.clear();
    };
    const call = this.begin(waiting, isOver);
    this.call = call;
    call.catch(isOver);
    return call;
  }

  private async begin(waiting: Map<string, Waiting>, isOver: (error: unknown) => void): Promise<Call> {
    const client = internalsOf(this.client);
    const begin = client.GRPCStreamCreator(StreamsClient, 'append', (stub) => {
      const [metadata, options] = client.callArguments({}, { deadline: Infinity });
      const stream = stub.makeBidiStreamRequest(
        BATCH_APPEND,
        (request: Buffer) => request,
        readAnswer,
        metadata,
        options,
      ) as unknown as Duplex;
      stream.on('data', (answer: Answer) => settle(waiting, answer));
      finished(stream, (error) => isOver(error ? convertToCommandError(error) : new UnavailableError()));
      return stream;
    });
    return { stream: await begin(), waiting };
  }
}

function settle(waiting: Map<string, Waiting>, answer: Answer): void {
  const one = waiting.get(answer.id);
  // An answer that comes too late is nobody's.
  if (one === undefined) return;
  waiting.delete(answer.id);
  one.timer.stop();
  if (answer.revision === undefined) one.reject(failureOf(answer, one.append));
  else one.resolve(answer.revision);
}
