import type { EventStoreDBClient } from '@eventstore/db-client';
import { connectEventStore } from './client.js';
import { certificateVersion, type EventStoreAddress } from './connection/connection.js';

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
