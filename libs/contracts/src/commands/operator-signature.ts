import { createHmac, timingSafeEqual } from 'node:crypto';
import { commandDigest } from './command-digest.js';
import type { CommandMessage, CommandType } from './commands.dto.js';

/** The header of a command that only an operator may give. The api signs it, and the command app checks it. */
export const OPERATOR_SIGNATURE_HEADER = 'operator-signature';

/**
 * Commands that only the api publishes, for an operator who is signed in. Kafka's ACLs are for whole topics, so they cannot keep other
 * publishers of commands from these (docs/adr/0016).
 */
export const OPERATOR_COMMAND_TYPES: ReadonlySet<CommandType> = new Set(['invitations.lift-restriction.v1']);

/** The signature of a command: an HMAC of its digest, which covers its id, its type and every field. */
export const signOperatorCommand = (secret: string, command: CommandMessage): string =>
  createHmac('sha256', secret).update(commandDigest(command)).digest('base64url');

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
