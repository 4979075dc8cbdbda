import { hash, createHmac, timingSafeEqual } from 'node:crypto';
import type { CommandMessage, CommandType } from './commands.dto.js';

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

/** The header of a command that only an operator may give. The api or a tool signs it, and the command app checks it. */
export const OPERATOR_SIGNATURE_HEADER = 'operator-signature';

/**
 * Commands that only the api publishes, for an operator who is signed in, and the tools in a pod of the command app. Kafka's ACLs are for whole topics, so they cannot keep other
 * publishers of commands from these (docs/adr/0016).
 */
export const OPERATOR_COMMAND_TYPES: ReadonlySet<CommandType> = new Set([
  'invitations.lift-restriction.v1',
  'invitations.close-account.v1',
]);

/** The signature of a command: an HMAC of its digest, which covers its id, its type and every field. */
export const signOperatorCommand = (secret: string, command: CommandMessage): string =>
  createHmac('sha256', secret).update(commandDigest(command)).digest('base64url');

/**
 * The header that shows the command app that an operator has given the command; none for other commands.
 * @param secret undefined where the command app needs no signature, as in development
 */
export const operatorSignatureHeaders = (
  secret: string | undefined,
  command: CommandMessage,
): Record<string, string> =>
  secret !== undefined && OPERATOR_COMMAND_TYPES.has(command.type)
    ? { [OPERATOR_SIGNATURE_HEADER]: signOperatorCommand(secret, command) }
    : {};

/** Whether the signature was made with one of the secrets. A copy of a signed message is a repeat, without a second effect (D10). */
export function isSignedOperatorCommand(
  secrets: readonly string[],
  command: CommandMessage,
  signature: string | undefined,
): boolean {
  const given = Buffer.from(signature ?? '');
  return secrets
    .map((secret) => Buffer.from(signOperatorCommand(secret, command)))
    .map((expected) => expected.length === given.length && timingSafeEqual(expected, given))
    .includes(true);
}
