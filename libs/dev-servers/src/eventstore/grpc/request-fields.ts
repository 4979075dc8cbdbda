import type { PeerCertificate } from 'node:tls';
import type { Metadata } from '@grpc/grpc-js';
import type { shared, streams } from '../protocol/stubs.js';
import type { ProposedEvent } from '../store/appender.js';
import type { ExpectedRevision } from '../store/check-append.js';
import { normalizeEventId } from '../store/event-ids.js';
import { commonNameOf, type Credentials } from '../access/access.js';
import { AppendTooLargeError, BadRequestError, MissingPropertyError } from './grpc-errors.js';

/** The credentials of a call: the metadata, which is HTTP's header, and the verified certificate of its connection. */
export function readCredentials(call: {
  readonly metadata: Metadata;
  getAuthContext(): { readonly sslPeerCertificate?: PeerCertificate };
}): Credentials {
  return {
    authorization: call.metadata.get('authorization')[0]?.toString(),
    certificateName: commonNameOf(call.getAuthContext().sslPeerCertificate),
  };
}

/** Bytes. Longer names are rejected, because names stay in memory. */
const MAX_STREAM_NAME_BYTES = 16 * 1024;

/** @throws BadRequestError */
export function readStreamName(identifier: shared.StreamIdentifier | undefined): string {
  if (!identifier) throw new BadRequestError("Required field 'StreamIdentifier' not set.");
  const bytes = identifier.getStreamName_asU8();
  if (bytes.length > MAX_STREAM_NAME_BYTES) throw new BadRequestError('The stream name is too long.');
  const name = Buffer.from(bytes).toString('utf8');
  if (name === '' || name === '$$') throw new BadRequestError(`'${name}' is not a valid stream name.`);
  return name;
}

/** @throws BadRequestError */
export function readUuid(uuid: shared.UUID | undefined): string {
  const id =
    uuid && normalizeEventId(uuid.hasStructured() ? formatUuid(uuid.getStructured()!) : uuid.getString());
  if (!id) throw new BadRequestError('An id is missing or is not a UUID.');
  return id;
}

interface ExpectedOptions {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

/** @param revision the exact revision, which counts when none of the keywords is set */
export function readExpectedRevision(options: ExpectedOptions, revision: string): ExpectedRevision {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return BigInt(revision);
}

function formatUuid(uuid: shared.UUID.Structured): string {
  const hex = unsignedHex(uuid.getMostSignificantBits()) + unsignedHex(uuid.getLeastSignificantBits());
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function unsignedHex(signed: string): string {
  return BigInt.asUintN(64, BigInt(signed)).toString(16).padStart(16, '0');
}

type ProposedMessage = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

/** Bounds of what the append size limit does not count: the number of events, and the bytes of types and metadata. */
const MAX_EVENTS = 64 * 1024;
const MAX_UNCOUNTED_BYTES = 16 * 1024 * 1024;

/** The events of one append, collected as their messages arrive. */
export class ProposedEvents {
  readonly events: ProposedEvent[] = [];
  #dataBytes = 0;
  #uncountedBytes = 0;

  /** @throws BadRequestError, AppendTooLargeError */
  add(message: ProposedMessage): void {
    const event = readProposedEvent(message);
    this.#dataBytes += event.data.length;
    this.#uncountedBytes += event.metadata.length + event.type.length;
    if (
      this.#dataBytes > AppendTooLargeError.limit ||
      this.#uncountedBytes > MAX_UNCOUNTED_BYTES ||
      this.events.length === MAX_EVENTS
    ) {
      throw new AppendTooLargeError();
    }
    this.events.push(event);
  }
}

function readProposedEvent(message: ProposedMessage): ProposedEvent {
  const properties = message.getMetadataMap();
  const type = properties.get('type');
  const contentType = properties.get('content-type');
  if (type === undefined) throw new MissingPropertyError('type');
  if (contentType === undefined) throw new MissingPropertyError('content-type');
  return {
    id: readUuid(message.getId()),
    type,
    isJson: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}
