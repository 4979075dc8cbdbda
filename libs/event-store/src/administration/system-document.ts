import {
  BACKWARDS,
  END,
  jsonEvent,
  NO_STREAM,
  StreamNotFoundError,
  type EventStoreDBClient,
  type JSONType,
} from '@eventstore/db-client';

/** The last event of a system stream, whose data is a JSON object of settings. */
export interface SystemDocument {
  readonly stream: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Undefined for a stream without events. */
  readonly revision: bigint | undefined;
}

/** The stream of a stream's metadata. */
export const metadataStreamOf = (stream: string): string => `$$${stream}`;

/** The server's settings, with the default access lists. */
export const SETTINGS_STREAM = '$settings';

export async function readDocument(client: EventStoreDBClient, stream: string): Promise<SystemDocument> {
  const last = client.readStream(stream, { fromRevision: END, direction: BACKWARDS, maxCount: 1 });
  let document: SystemDocument | undefined;
  try {
    // To its end, although it is one event: the client would hold the call.
    for await (const { event } of last) {
      if (event === undefined) continue;
      document = { stream, data: isObject(event.data) ? event.data : {}, revision: event.revision };
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return document ?? { stream, data: {}, revision: undefined };
}

/** @throws WrongExpectedVersionError if somebody else has changed it since it was read */
export async function writeDocument(
  client: EventStoreDBClient,
  { stream, revision }: SystemDocument,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  const type = stream === SETTINGS_STREAM ? SETTINGS_STREAM : '$metadata';
  const event = jsonEvent({ type, data: data as Record<string, JSONType> });
  await client.appendToStream(stream, event, { expectedRevision: revision ?? NO_STREAM });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
