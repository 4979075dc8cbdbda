import { UnavailableError, UnknownError, type EventStoreDBClient } from '@eventstore/db-client';
import { closeEventStore } from './wire/response-timeout.js';
import { BatchAppendClient } from './wire/batch-append-client.js';

/** The client is replaced after this many unknown errors in a row. */
const MAX_UNKNOWN_ERRORS = 3;

interface Connection {
  readonly client: EventStoreDBClient;
  readonly appends: BatchAppendClient;
}

/**
 * The one client that a process writes with. It is replaced when its calls fail repeatedly with an unknown error. 'Server Is
 * Busy' and 'Server Is Not Ready' arrive that way, and after them the client neither reconnects nor looks for another node. It is
 * also replaced when it finds no node and its certificates are outdated, because it would connect with the former ones for ever.
 */
export class ReconnectingClient {
  /** Undefined after the previous client was closed, until the next call. */
  private connection: Connection | undefined;
  private unknownErrors = 0;
  private replacing: Promise<void> | undefined;

  /** @param isOutdated whether files have changed since the last call of `connect` */
  constructor(
    private readonly connect: () => EventStoreDBClient,
    private readonly isOutdated: () => boolean = () => false,
  ) {
    this.connection = this.open();
  }

  /**
   * Runs a call on the client, and counts its errors.
   * @throws the error of the call, or of `connect` if the client has to be replaced
   */
  async use<T>(call: (client: EventStoreDBClient, appends: BatchAppendClient) => Promise<T>): Promise<T> {
    if (this.replacing !== undefined) await this.replacing;
    const connection = (this.connection ??= this.open());
    try {
      const result = await call(connection.client, connection.appends);
      if (connection === this.connection) this.unknownErrors = 0;
      return result;
    } catch (error) {
      if (connection === this.connection) this.noteError(connection, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.replacing;
    if (this.connection !== undefined) await closeEventStore(this.connection.client);
  }

  private open(): Connection {
    const client = this.connect();
    return { client, appends: new BatchAppendClient(client) };
  }

  private noteError(connection: Connection, error: unknown): void {
    this.unknownErrors = error instanceof UnknownError ? this.unknownErrors + 1 : 0;
    const isUseless = this.unknownErrors >= MAX_UNKNOWN_ERRORS || (isWithoutNode(error) && this.isOutdated());
    if (!isUseless || this.replacing !== undefined) return;
    this.unknownErrors = 0;
    this.replacing = this.closeConnection(connection).finally(() => (this.replacing = undefined));
  }

  /** Closes the client before the next one connects: a connection that breaks rejects every pending append of the process. */
  private async closeConnection({ client }: Connection): Promise<void> {
    await closeEventStore(client);
    // The next call connects, so that its caller gets the error if that fails, for example without the certificate's file.
    this.connection = undefined;
  }
}

/** gRPC's code, in errors of calls that the client makes for itself and passes on as they are. */
const UNAVAILABLE = 14;

/** The client throws a plain error if discovery finds no node. */
const isWithoutNode = (error: unknown): boolean =>
  error instanceof UnavailableError ||
  (error as { code?: unknown }).code === UNAVAILABLE ||
  (error instanceof Error && error.message.startsWith('Failed to discover'));
