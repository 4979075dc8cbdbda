import { streams } from '../grpc/stubs.js';

const { RecordedEvent } = streams.ReadResp.ReadEvent;

/** The data of an event as it is stored. */
export function dataOf(wire: Uint8Array): Uint8Array {
  return RecordedEvent.deserializeBinary(wire).getData_asU8();
}
