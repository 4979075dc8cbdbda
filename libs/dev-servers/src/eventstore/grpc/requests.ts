import { normalizeEventId } from '../store/event-id.js';
import type { ExpectedRevision } from '../store/check-append.js';
import { BadRequestError } from './request-errors.js';
import type { shared } from './stubs.js';

/** Longer names are refused, for they stay in memory. Bytes. */
const MAX_STREAM_NAME_BYTES = 16 * 1024;

/** @throws BadRequestError */
export function streamNameOf(identifier: shared.StreamIdentifier | undefined): string {
  if (!identifier) throw new BadRequestError("Required field 'StreamIdentifier' not set.");
  const bytes = identifier.getStreamName_asU8();
  if (bytes.length > MAX_STREAM_NAME_BYTES) throw new BadRequestError('The stream name is too long.');
  const name = Buffer.from(bytes).toString('utf8');
  if (name === '' || name === '$$') throw new BadRequestError(`'${name}' is not a valid stream name.`);
  return name;
}

/** @throws BadRequestError */
export function uuidOf(uuid: shared.UUID | undefined): string {
  const id =
    uuid && normalizeEventId(uuid.hasStructured() ? textOf(uuid.getStructured()!) : uuid.getString());
  if (!id) throw new BadRequestError('An id is missing, or is no UUID.');
  return id;
}

interface ExpectedOptions {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

/** @param revision the number that stands where none of the words does */
export function expectedRevisionOf(options: ExpectedOptions, revision: string): ExpectedRevision {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return BigInt(revision);
}

function textOf(uuid: shared.UUID.Structured): string {
  const hex = unsignedHex(uuid.getMostSignificantBits()) + unsignedHex(uuid.getLeastSignificantBits());
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function unsignedHex(signed: string): string {
  return BigInt.asUintN(64, BigInt(signed)).toString(16).padStart(16, '0');
}
