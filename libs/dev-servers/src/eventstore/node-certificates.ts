import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificateAuthority } from '../certificates/certificate-authority.js';

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

/** All in PEM. */
export interface NodeCertificates {
  /** The certificate of the authority that signed `cert`. Clients must trust it. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Creates an authority and a node certificate of the form that EventStoreDB expects: the common name and both key usages. */
function createNodeCertificates(now: Date): NodeCertificates {
  const authority = createCertificateAuthority('Development event store CA', now);
  return { ca: authority.ca, ...authority.issue('eventstoredb-node', ['localhost', '127.0.0.1']) };
}
