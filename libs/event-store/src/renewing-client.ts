import type { EventStoreDBClient } from '@eventstore/db-client';
import { connectEventStore, certificateVersion, type EventStoreAddress } from './connection/connection.js';
import { closeEventStore } from './wire/response-timeout.js';

/** Opens the clients of a process, one after another, and knows when the last one has certificates that were replaced since. */
export class EventStoreConnector {
  private version: string | undefined;

  constructor(private readonly address: EventStoreAddress) {}

  /** @throws ConfigError, for example for a file that cannot be read */
  connect(): EventStoreDBClient {
    const version = certificateVersion(this.address);
    const client = connectEventStore(this.address);
    this.version = version;
    return client;
  }

  /** A client reads its files only once. */
  get isOutdated(): boolean {
    return this.version !== undefined && this.version !== certificateVersion(this.address);
  }
}

/**
 * The one client that a process reads with. It is replaced at the next call after a file of its certificates has changed. Running
 * reads continue with the former client, which is closed after them.
 */
export class RenewingClient {
  private client: EventStoreDBClient;

  /** @throws ConfigError */
  constructor(private readonly connector: EventStoreConnector) {
    this.client = connector.connect();
  }

  get current(): EventStoreDBClient {
    if (this.connector.isOutdated) this.renew();
    return this.client;
  }

  close(): Promise<void> {
    return closeEventStore(this.client);
  }

  private renew(): void {
    const former = this.client;
    try {
      this.client = this.connector.connect();
    } catch {
      // The files are being replaced one after another. The next call tries again.
      return;
    }
    void closeEventStore(former);
  }
}
