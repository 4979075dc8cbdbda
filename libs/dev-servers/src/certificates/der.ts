/*
 * The part of ASN.1's Distinguished Encoding Rules (X.690) that a certificate needs. Node creates keys and signatures, but not
 * certificates.
 */

const UNIVERSAL = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x17,
} as const;
const BOOLEAN = 0x01;
const SEQUENCE = 0x30;
const SET = 0x31;

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(SEQUENCE, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => tagged(SET, ...parts);
export const octetString = (content: Uint8Array): Buffer => tagged(UNIVERSAL.octetString, content);
export const utf8 = (text: string): Buffer => tagged(UNIVERSAL.utf8, Buffer.from(text));
export const booleanTrue = (): Buffer => tagged(BOOLEAN, Buffer.of(0xff));

/** A numbered field of a sequence (an explicit context-specific tag). */
export const field = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  tagged(0xa0 | number, ...parts);

/** One of several forms of a value, by its number (an implicit context-specific tag of a primitive). */
export const choice = (number: number, content: Uint8Array): Buffer => tagged(0x80 | number, content);

/** @param unusedBits at the end of the last byte */
export const bitString = (content: Uint8Array, unusedBits = 0): Buffer =>
  tagged(UNIVERSAL.bitString, Buffer.of(unusedBits), content);

/** @param bytes of a number that is not negative, most significant byte first */
export function integer(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.of(0) : bytes.subarray(start);
  const sign = digits[0]! > 0x7f ? Buffer.of(0) : Buffer.alloc(0);
  return tagged(UNIVERSAL.integer, sign, digits);
}

/** @param text for example 2.5.29.17 */
export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tagged(UNIVERSAL.oid, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

/** @param at before the year 2050; its milliseconds are dropped */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return tagged(UNIVERSAL.time, Buffer.from(`${digits}Z`));
}

function base128(number: number): number[] {
  const bytes = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}
