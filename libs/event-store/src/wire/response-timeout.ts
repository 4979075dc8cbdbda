import type { EventStoreDBClient } from '@eventstore/db-client';

/** How long the server may take for an append. The client sends it as a point in time, which the server's clock decides. */
export const APPEND_DEADLINE_MS = 10_000;

/** A skew of the clocks as long as the deadline fails every append. Half of it leaves time for a slow response. */
export const TOLERATED_SKEW_MS = APPEND_DEADLINE_MS / 2;

const CLOSE_TIMEOUT_MS = 2_000;

/** Added to the errors that an operator sees in the readiness check. */
export const CONNECTION_HINT = 'is the event store at EVENTSTORE_URL up, and reachable from here?';

/** The event store cannot be reached as configured, or does not respond. */
export class EventStoreUnavailableError extends Error {}

/**
 * Calls back when the server has sent nothing for a time. A process that was stalled runs its timers before it reads its
 * sockets. This reads the sockets first, so a response that has arrived in the meantime counts.
 */
export class ResponseTimeout {
  private readonly timer: NodeJS.Timeout;
  private lastCheck: NodeJS.Immediate | undefined;

  /** @param ms since the start, or since the last `restart` */
  constructor(ms: number, onTimeout: () => void) {
    this.timer = setTimeout(() => {
      // Node reads its sockets between timers and immediates.
      this.lastCheck = setImmediate(onTimeout);
    }, ms);
  }

  /** A response has arrived, and the next one is due. */
  restart(): void {
    clearImmediate(this.lastCheck);
    this.timer.refresh();
  }

  stop(): void {
    clearImmediate(this.lastCheck);
    clearTimeout(this.timer);
  }
}

/** Settles as the promise does, or rejects after `ms` milliseconds: the client itself waits for ever. */
export function withTimeout<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = new ResponseTimeout(ms, () => reject(new Error(`no response within ${ms} ms`)));
    promise.then(
      (value) => {
        timer.stop();
        resolve(value);
      },
      (error: unknown) => {
        timer.stop();
        reject(error);
      },
    );
  });
}

/**
 * Closes a client. The client waits for the end of its streams, which may never come for a read that timed out. After two
 * seconds the connection is left open until the process ends.
 */
export async function closeEventStore(client: Pick<EventStoreDBClient, 'dispose'>): Promise<void> {
  await withTimeout(CLOSE_TIMEOUT_MS, client.dispose()).catch(() => undefined);
}
