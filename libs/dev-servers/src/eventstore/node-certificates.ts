import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createCertificateAuthority,
  type CertificateAuthority,
} from '../certificates/certificate-authority.js';

const FOLDER = 'tls';

/** The file with the certificate that clients must trust. */
export const caFileOf = (dataDir: string): string => join(dataDir, FOLDER, 'ca.crt');

/** The files of a user's certificate and its key. */
export const userFilesOf = (dataDir: string, login: string): { certFile: string; keyFile: string } => ({
  certFile: join(dataDir, FOLDER, 'users', `${login}.crt`),
  keyFile: join(dataDir, FOLDER, 'users', `${login}.key`),
});

/**
 * Creates the certificates at the first start and stores them in the data directory, so that clients trust them after a restart.
 * @param users who get a certificate of the same authority
 */
export async function loadNodeCertificates(
  dataDir: string,
  users: readonly string[],
  now: Date,
): Promise<NodeCertificates> {
  const file = join(dataDir, FOLDER, 'certificates.json');
  const stored = await readFile(file, 'utf8').catch(() => undefined);
  if (stored !== undefined) return JSON.parse(stored) as NodeCertificates;
  const authority = createCertificateAuthority('Development event store CA', now);
  const certificates = createNodeCertificates(authority);
  await mkdir(join(dataDir, FOLDER, 'users'), { recursive: true });
  for (const login of users) {
    const { certFile, keyFile } = userFilesOf(dataDir, login);
    const { cert, key } = authority.issue(login);
    await writeFile(certFile, cert);
    await writeFile(keyFile, key, { mode: 0o600 });
  }
  await writeFile(caFileOf(dataDir), certificates.ca);
  const unfinished = `${file}.tmp`;
  await writeFile(unfinished, JSON.stringify(certificates), { mode: 0o600 });
  await rename(unfinished, file);
  return certificates;
}

/** All in PEM. */
export interface NodeCertificates {
  /** The certificate of the authority that signed `cert`. Clients must trust it. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Creates a node certificate of the form that EventStoreDB expects: the common name and both key usages. */
function createNodeCertificates(authority: CertificateAuthority): NodeCertificates {
  return { ca: authority.ca, ...authority.issue('eventstoredb-node', ['localhost', '127.0.0.1']) };
}
