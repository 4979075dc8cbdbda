import { randomBytes } from 'node:crypto';
import { JsonFile } from './json-file.js';

/** The id that this data directory got when it was first used. Clients refuse a cluster whose id changes. */
export function clusterIdAt(path: string): string {
  const file = new JsonFile<{ clusterId: string }>(path);
  const stored = file.read();
  if (stored) return stored.clusterId;
  const clusterId = randomBytes(16).toString('base64url');
  file.write({ clusterId });
  return clusterId;
}
