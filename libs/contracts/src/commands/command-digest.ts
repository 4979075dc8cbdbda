import { hash } from 'node:crypto';
import type { CommandMessage } from './commands.dto.js';

/** The values that absent fields stand for. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'invitations.accept.v1': { via: 'site' },
};

/**
 * Identifies the content of a command, to tell whether two commands with one id are the same (D10): SHA-256, in hex, of id,
 * type and data in a canonical form. The names are sorted; fields that are absent, null, empty or the default are left out. A
 * command therefore has the same digest however it was sent (binary or structured mode, HTTP). The id is part of it, so two
 * commands with the same text have different digests.
 *
 * Digests are stored for ever. Another canonical form needs a version that is stored with the digest.
 */
export function commandDigest({ type, commandId, data }: CommandMessage): string {
  const defaults = DEFAULTS[type];
  const fields = Object.entries(data).filter(
    ([name, value]) => value !== undefined && value !== null && value !== '' && value !== defaults?.[name],
  );
  fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return hash('sha256', JSON.stringify([commandId, type, fields]), 'hex');
}
