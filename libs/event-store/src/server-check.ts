import {
  AccessDeniedError,
  jsonEvent,
  StreamNotFoundError,
  UnavailableError,
  WrongExpectedVersionError,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import type { ServerCheck } from '#libs/platform';
import {
  createClient,
  readConnection,
  type Connection,
  type EventStoreAddress,
} from './connection/connection.js';
import { APPEND_DEADLINE_MS, closeEventStore } from './wire/response-timeout.js';
import { explainConnectionError } from './connection/connection-errors.js';
import { readDocument, SETTINGS_STREAM } from './administration/system-document.js';
import { STREAM_PREFIX } from './events/raw-event.js';
import { readAll, readStream } from './read-streams.js';
import { BatchAppendClient } from './wire/batch-append-client.js';

/** What an app or a tool does with the event store: it reads the whole log, appends to the accounts' streams, or manages users. */
export type EventStoreUse = keyof typeof PROBES;

export const eventStoreCheck = (address: EventStoreAddress, use: EventStoreUse): ServerCheck => ({
  server: 'the event store at EVENTSTORE_URL',
  address: typeof address === 'string' ? address : address.EVENTSTORE_URL,
  probe: () => probeEventStore(address, use),
});

/**
 * Makes the smallest calls that need the rights of the app. In a cluster it tries each named node by itself, until one responds,
 * because discovery does not tell why a node cannot be used.
 * @throws an error that says why, or an AggregateError with the reason of each node
 */
async function probeEventStore(address: EventStoreAddress, use: EventStoreUse): Promise<void> {
  const connection = readConnection(address);
  await Promise.any(
    connection.hosts.map((host) =>
      probeNode({ ...connection, hosts: [host], isDiscovered: false }, PROBES[use]),
    ),
  );
}

async function probeNode(
  connection: Connection,
  probe: (client: EventStoreDBClient) => Promise<void>,
): Promise<void> {
  const client = createClient(connection);
  try {
    await probe(client);
  } catch (error) {
    throw new Error(reasonOf(error, connection), { cause: error });
  } finally {
    await closeEventStore(client);
  }
}

/** Longer than the check waits. */
const TIMEOUT_MS = 5_000;

/** An account's id is never empty, so no account has this stream. */
const NO_ACCOUNT = `${STREAM_PREFIX}00-`;
/** The stream does not exist, so nothing can be appended after this revision. */
const NEVER_REACHED = 2n ** 52n;

/** gRPC's code for a wrong user name or password. The client has one error for it and for a missing right. */
const UNAUTHENTICATED = 16;

class MissingRightError extends Error {}

async function readLastEvent(client: EventStoreDBClient): Promise<void> {
  const right = 'read $all';
  await requireRight(right, async () => {
    const lastEvent = {
      after: undefined,
      direction: 'backwards',
      maxCount: 1,
      timeoutMs: TIMEOUT_MS,
    } as const;
    for await (const entries of readAll(client, lastEvent)) void entries;
  });
}

/** The server checks rights before revisions: with the right to append, the append fails because of its revision. */
async function proposeEvent(client: EventStoreDBClient): Promise<void> {
  await requireRight("read accounts' streams", async () => {
    try {
      for await (const events of readStream(client, NO_ACCOUNT, { maxCount: 1, timeoutMs: TIMEOUT_MS }))
        void events;
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
  });
  await requireRight("append to accounts' streams", async () => {
    const events = [jsonEvent({ type: 'Probed', data: {} })];
    const deadline = new Date(Date.now() + APPEND_DEADLINE_MS);
    try {
      await new BatchAppendClient(client).append(
        { stream: NO_ACCOUNT, revision: NEVER_REACHED, events, deadline },
        TIMEOUT_MS,
      );
    } catch (error) {
      if (!(error instanceof WrongExpectedVersionError)) throw error;
    }
  });
}

/** By default only administrators may read the server's settings. */
async function readSettings(client: EventStoreDBClient): Promise<void> {
  await requireRight('manage users, because it is not in the group $admins', async () => {
    await readDocument(client, SETTINGS_STREAM);
  });
}

const PROBES = {
  'reads the log': readLastEvent,
  'writes accounts': proposeEvent,
  administers: readSettings,
} as const;

/** @throws MissingRightError instead of the client's error */
async function requireRight(right: string, call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    throw isDenied(error) && !isNotAuthenticated(error)
      ? new MissingRightError(right, { cause: error })
      : error;
  }
}

const isDenied = (error: unknown): boolean => error instanceof AccessDeniedError;

const isNotAuthenticated = (error: unknown): boolean =>
  (error as { code?: unknown }).code === UNAUTHENTICATED;

function reasonOf(error: unknown, { credentials, certificates }: Connection): string {
  if (isDenied(error) && isNotAuthenticated(error)) return 'access denied: wrong user name or password';
  if (error instanceof MissingRightError)
    return credentials === undefined && certificates.userCertFile === undefined
      ? 'access denied: no user is set; set EVENTSTORE_USERNAME and EVENTSTORE_PASSWORD_FILE'
      : `access denied: the user may not ${error.message}; the tool event-store-users gives the apps' users their rights`;
  const text = error instanceof Error ? error.message : String(error);
  // "14 UNAVAILABLE: No connection established. Last error: Error: self-signed certificate. Resolution note: "
  const cause = /Last error: (?:Error: )?(.*?)\.?\s*Resolution note/s.exec(text)?.[1];
  return error instanceof UnavailableError && cause !== undefined
    ? `no connection: ${explainConnectionError(cause, certificates.insecure === true)}`
    : text;
}
