import { UnknownError, type EventStoreDBClient } from '@eventstore/db-client';
import { AppendStream } from './append-stream.js';
import { dispose } from './dispose.js';

/** As many failures of unknown kind in a row, and the client is replaced. */
const UNKNOWN_IN_A_ROW = 3;

/**
 * The client that this process writes with, one at any time. It is replaced when its calls fail again and again with
 * what the client does not know: that is how 'Server Is Busy' and 'Server Is Not Ready' arrive, after which it neither
 * reconnects nor looks for another node by itself.
 */
export class WritingClient {
  private client: EventStoreDBClient;
  private appends: AppendStream;
  private failures = 0;
  private replacing: Promise<void> | undefined;

  constructor(private readonly connect: () => EventStoreDBClient) {
    this.client = connect();
    this.appends = new AppendStream(this.client);
  }

  /** Runs a call on the client, and learns from how it ends. */
  async use<T>(call: (client: EventStoreDBClient, appends: AppendStream) => Promise<T>): Promise<T> {
    if (this.replacing !== undefined) await this.replacing;
    const { client, appends } = this;
    try {
      const result = await call(client, appends);
      if (client === this.client) this.failures = 0;
      return result;
    } catch (error) {
      if (client === this.client) this.failed(error);
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.replacing;
    await dispose(this.client);
  }

  private failed(reason: unknown): void {
    this.failures = reason instanceof UnknownError ? this.failures + 1 : 0;
    if (this.failures < UNKNOWN_IN_A_ROW || this.replacing !== undefined) return;
    this.failures = 0;
    this.replacing = this.replace().finally(() => (this.replacing = undefined));
  }

  /** The old one ends before the new one begins: a stream that breaks rejects every pending append of the process. */
  private async replace(): Promise<void> {
    await dispose(this.client);
    this.client = this.connect();
    this.appends = new AppendStream(this.client);
  }
}
