import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  bitString,
  booleanTrue,
  choice,
  field,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  time,
  utf8,
} from './der.js';

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const COMMON_NAME = objectId('2.5.4.3');
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const ALTERNATIVE_NAMES = '2.5.29.17';
const SERVER_AUTHENTICATION = objectId('1.3.6.1.5.5.7.3.1');
const CLIENT_AUTHENTICATION = objectId('1.3.6.1.5.5.7.3.2');
const YEARS = 10;

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority for development and tests. It exists in this process only. */
export interface CertificateAuthority {
  /** Its certificate in PEM, which those who check a certificate of it must trust. */
  readonly ca: string;
  /**
   * Issues a certificate for servers and clients.
   * @param hosts the names and IPv4 addresses of a server
   */
  issue(commonName: string, hosts?: readonly string[]): Certificate;
}

export function createCertificateAuthority(name: string, now: Date): CertificateAuthority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name, key: privateKey };
  return {
    ca: createCertificate(issuer, { name, key: publicKey }, now, [
      extension(BASIC_CONSTRAINTS, sequence(booleanTrue()), 'critical'),
      // keyCertSign and cRLSign, the sixth and seventh bit.
      extension(KEY_USAGE, bitString(Buffer.of(0b0000_0110), 1), 'critical'),
    ]),
    issue(commonName, hosts = []) {
      const subject = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const cert = createCertificate(issuer, { name: commonName, key: subject.publicKey }, now, [
        extension(BASIC_CONSTRAINTS, sequence(), 'critical'),
        // digitalSignature, the first bit.
        extension(KEY_USAGE, bitString(Buffer.of(0b1000_0000), 7), 'critical'),
        extension(EXTENDED_KEY_USAGE, sequence(SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION)),
        ...(hosts.length > 0 ? [extension(ALTERNATIVE_NAMES, sequence(...hosts.map(alternativeName)))] : []),
      ]);
      return { cert, key: subject.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
    },
  };
}

const alternativeName = (host: string): Buffer =>
  isIPv4(host) ? choice(7, Buffer.from(host.split('.').map(Number))) : choice(2, Buffer.from(host));

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
