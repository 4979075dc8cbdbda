import shared from '@eventstore/db-client/generated/shared_pb.js';

/** A UUID that the server has written as two numbers of 64 bits, as text. */
export function fromNumbers(bytes: Uint8Array): string {
  const numbers = shared.UUID.Structured.deserializeBinary(bytes);
  return [numbers.getMostSignificantBits(), numbers.getLeastSignificantBits()]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
