import { MalformedRequest } from '../protocol/reader.js';

/** Kafka's own default (socket.request.max.bytes). */
const MAX_PRODUCE_BYTES = 104_857_600;
/** No other request is long; those of groups are kept in memory. */
const MAX_OTHER_BYTES = 1_048_576;
/** Key, version and correlation id of a request. */
const SHORTEST_FRAME_BYTES = 8;
const LENGTH_BYTES = 4;
const KEY_END = 6;
const PRODUCE_KEY = 0;

/**
 * Cuts the bytes of a connection into requests. It holds what has arrived and no more, whatever a length announces, and
 * joins chunks once a frame, so a long request costs linear time.
 */
export class Frames {
  private chunks: Buffer[] = [];
  private held = 0;
  private wanted = KEY_END;

  /**
   * @returns the requests that `chunk` completes, without their length
   * @throws MalformedRequest for a length that no request has
   */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.held += chunk.length;
    const complete: Buffer[] = [];
    if (this.held < this.wanted) return complete;
    let bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    this.wanted = KEY_END;
    while (bytes.length >= KEY_END) {
      const end = LENGTH_BYTES + announcedLength(bytes);
      if (bytes.length < end) {
        this.wanted = end;
        break;
      }
      complete.push(bytes.subarray(LENGTH_BYTES, end));
      bytes = bytes.subarray(end);
    }
    this.chunks = bytes.length > 0 ? [bytes] : [];
    this.held = bytes.length;
    return complete;
  }
}

function announcedLength(bytes: Buffer): number {
  const length = bytes.readInt32BE(0);
  const limit = bytes.readInt16BE(LENGTH_BYTES) === PRODUCE_KEY ? MAX_PRODUCE_BYTES : MAX_OTHER_BYTES;
  if (length < SHORTEST_FRAME_BYTES || length > limit) {
    throw new MalformedRequest(`a request of ${length} bytes`);
  }
  return length;
}
