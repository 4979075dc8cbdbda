/** The settings of a stream that decide what readers see. */
export interface StreamMetadata {
  readonly maxCount?: number;
  /** Milliseconds. */
  readonly maxAge?: number;
  readonly truncateBefore?: number;
  /** The JSON object as written, with the keys of clients; `undefined` when it was not an object. */
  readonly raw?: Readonly<Record<string, unknown>>;
}

export const NO_METADATA: StreamMetadata = {};

/** Readers of a metadata stream see its last event only. */
export const METADATA_OF_METADATA: StreamMetadata = { maxCount: 1 };

/** The real server writes 2^63 - 1 as `$tb` on a soft delete; as a double it is 2^63. */
const SOFT_DELETED = 2 ** 63;
export const SOFT_DELETED_JSON = '{"$tb":9223372036854775807}';

export function isSoftDeleted(metadata: StreamMetadata): boolean {
  return metadata.truncateBefore === SOFT_DELETED;
}

/** As on the real server, metadata that is not a JSON object is ignored. */
export function parseStreamMetadata(data: Uint8Array): StreamMetadata {
  const raw = parseObject(Buffer.from(data).toString('utf8'));
  if (!raw) return NO_METADATA;
  const maxAgeSeconds = integerAbove(0, raw['$maxAge']);
  return {
    raw,
    ...optional('maxCount', integerAbove(0, raw['$maxCount'])),
    ...optional('maxAge', maxAgeSeconds === undefined ? undefined : maxAgeSeconds * 1000),
    ...optional('truncateBefore', integerAbove(-1, raw['$tb'])),
  };
}

/** The metadata of a soft-deleted stream after an append: events from before the delete stay hidden. */
export function metadataOfRecreatedStream(metadata: StreamMetadata, revision: number): string {
  return JSON.stringify({ ...metadata.raw, $tb: revision });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function integerAbove(limit: number, value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > limit ? value : undefined;
}

function optional<Key extends string>(key: Key, value: number | undefined): Partial<Record<Key, number>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, number>);
}
