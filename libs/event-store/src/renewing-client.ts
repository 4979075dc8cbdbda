import type { EventStoreDBClient } from '@eventstore/db-client';
import { closeEventStore } from './client.js';
import type { EventStoreConnector } from './event-store-connector.js';

/**
 * The one client that a process reads with. It is replaced at the next call after a file of its certificates has changed. Reads that
 * run go on with the former client, which is closed after them.
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
