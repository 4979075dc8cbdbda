import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = 'tls';

/** The file with the certificate that clients must trust. */
export const caFileOf = (dataDir: string): string => join(dataDir, FOLDER, 'ca.crt');

/** Creates the certificates at the first start and stores them in the data directory, so that clients trust them after a restart. */
export async function loadNodeCertificates(dataDir: string, now: Date): Promise<NodeCertificates> {
  const file = join(dataDir, FOLDER, 'certificates.json');
  const stored = await readFile(file, 'utf8').catch(() => undefined);
  const certificates =
    stored === undefined ? createNodeCertificates(now) : (JSON.parse(stored) as NodeCertificates);
  if (stored !== undefined) return certificates;
  await mkdir(join(dataDir, FOLDER), { recursive: true });
  await writeFile(caFileOf(dataDir), certificates.ca);
  const unfinished = `${file}.tmp`;
  await writeFile(unfinished, JSON.stringify(certificates), { mode: 0o600 });
  await rename(unfinished, file);
  return certificates;
}

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

const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(SEQUENCE, ...parts);
const set = (...parts: readonly Uint8Array[]): Buffer => tagged(SET, ...parts);
const octetString = (content: Uint8Array): Buffer => tagged(UNIVERSAL.octetString, content);
const utf8 = (text: string): Buffer => tagged(UNIVERSAL.utf8, Buffer.from(text));
const booleanTrue = (): Buffer => tagged(BOOLEAN, Buffer.of(0xff));

/** A numbered field of a sequence (an explicit context-specific tag). */
const field = (number: number, ...parts: readonly Uint8Array[]): Buffer => tagged(0xa0 | number, ...parts);

/** One of several forms of a value, by its number (an implicit context-specific tag of a primitive). */
const choice = (number: number, content: Uint8Array): Buffer => tagged(0x80 | number, content);

/** @param unusedBits at the end of the last byte */
const bitString = (content: Uint8Array, unusedBits = 0): Buffer =>
  tagged(UNIVERSAL.bitString, Buffer.of(unusedBits), content);

/** @param bytes of a number that is not negative, most significant byte first */
function integer(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.of(0) : bytes.subarray(start);
  const sign = digits[0]! > 0x7f ? Buffer.of(0) : Buffer.alloc(0);
  return tagged(UNIVERSAL.integer, sign, digits);
}

/** @param text for example 2.5.29.17 */
function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tagged(UNIVERSAL.oid, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

/** @param at before the year 2050; its milliseconds are dropped */
function time(at: Date): Buffer {
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

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = objectId('2.5.4.3');
const SERVER_AUTHENTICATION = objectId('1.3.6.1.5.5.7.3.1');
const CLIENT_AUTHENTICATION = objectId('1.3.6.1.5.5.7.3.2');
const YEARS = 10;

/** All in PEM. */
export interface NodeCertificates {
  /** The certificate of the authority that signed `cert`. Clients must trust it. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Creates an authority and a node certificate of the form that EventStoreDB expects: the common name and both key usages. */
function createNodeCertificates(now: Date): NodeCertificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const node = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: 'Development event store CA', key: authority.privateKey };
  const ca = createCertificate(issuer, { name: issuer.name, key: authority.publicKey }, now, [
    extension('2.5.29.19', sequence(booleanTrue()), 'critical'),
    // keyCertSign and cRLSign, the sixth and seventh bit.
    extension('2.5.29.15', bitString(Buffer.of(0b0000_0110), 1), 'critical'),
  ]);
  const cert = createCertificate(issuer, { name: 'eventstoredb-node', key: node.publicKey }, now, [
    extension('2.5.29.19', sequence(), 'critical'),
    // digitalSignature, the first bit.
    extension('2.5.29.15', bitString(Buffer.of(0b1000_0000), 7), 'critical'),
    extension('2.5.29.37', sequence(SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION)),
    extension('2.5.29.17', sequence(choice(2, Buffer.from('localhost')), choice(7, Buffer.of(127, 0, 0, 1)))),
  ]);
  return { ca, cert, key: node.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

/** RFC 5280, version 3. */
function createCertificate(
  issuer: { readonly name: string; readonly key: KeyObject },
  subject: { readonly name: string; readonly key: KeyObject },
  now: Date,
  extensions: readonly Buffer[],
): string {
  const yesterday = new Date(now.getTime() - 24 * 60 * 60 * 1000);
  const end = new Date(yesterday);
  end.setUTCFullYear(end.getUTCFullYear() + YEARS);
  const content = sequence(
    field(0, integer(Buffer.of(2))),
    integer(randomBytes(16)),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.name),
    sequence(time(yesterday), time(end)),
    distinguishedName(subject.name),
    subject.key.export({ type: 'spki', format: 'der' }),
    field(3, sequence(...extensions)),
  );
  const signature = sign('sha256', content, issuer.key);
  return pem(sequence(content, ECDSA_WITH_SHA256, bitString(signature)));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(COMMON_NAME, utf8(commonName))));
}

function extension(id: string, value: Buffer, critical?: 'critical'): Buffer {
  return sequence(objectId(id), ...(critical ? [booleanTrue()] : []), octetString(value));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
