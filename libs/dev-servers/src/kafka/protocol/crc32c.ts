// Slicing by eight: eight table look-ups for eight bytes, about six times as fast as byte by byte.
// The polynomial is Castagnoli's, reflected; zlib's crc32 is another one.
const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

function table(): Uint32Array {
  const entries = new Uint32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++)
      remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
    entries[byte] = remainder;
  }
  for (let i = 256; i < entries.length; i++) {
    const previous = entries[i - 256]!;
    entries[i] = (previous >>> 8) ^ entries[previous & 255]!;
  }
  return entries;
}

const T = table();

/** CRC-32C of `bytes` from `from` up to `end`, the checksum of record batches. */
export function crc32c(bytes: Uint8Array, from = 0, end = bytes.length): number {
  let crc = 0xffffffff;
  let i = from;
  for (; i + SLICES <= end; i += SLICES) {
    const low = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    crc =
      T[1792 + (low & 255)]! ^
      T[1536 + ((low >>> 8) & 255)]! ^
      T[1280 + ((low >>> 16) & 255)]! ^
      T[1024 + (low >>> 24)]! ^
      T[768 + bytes[i + 4]!]! ^
      T[512 + bytes[i + 5]!]! ^
      T[256 + bytes[i + 6]!]! ^
      T[bytes[i + 7]!]!;
  }
  for (; i < end; i++) crc = T[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
