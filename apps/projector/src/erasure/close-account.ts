import { closeAccount, type ClosingServers } from '#libs/account-closing';
import { CliError } from '#libs/cli';
import { readAccountStream, type EventStoreDBClient } from '#libs/event-store';

export interface AccountClosing extends ClosingServers {
  readonly client: EventStoreDBClient;
  /** Whether the command app needs a signature that cannot be made here. */
  readonly isSecretMissing: boolean;
  readonly waitMs: number;
}

/** Who closes the account, as the event has it. Who asked for it is in the record of operators' actions. */
const ERASURE = 'erasure';

/**
 * Closes an account for an erasure. A tombstoned stream counts as closed, because nothing can be appended to it.
 * @returns false if it was closed already
 * @throws CliError when the command cannot be signed, or the command app does not close the account in time
 */
export async function closeErasedAccount(closing: AccountClosing, memberId: string): Promise<boolean> {
  if (await isClosed(closing, memberId)) return false;
  if (closing.isSecretMissing) {
    throw new CliError(
      `the account of ${memberId} is not closed, and this needs OPERATOR_COMMAND_SECRETS: close it with close-account, and run this again`,
    );
  }
  const refusal = await closeAccount(closing, memberId, ERASURE, closing.waitMs);
  if (refusal !== undefined)
    throw new CliError(`the command to close the account was refused with ${refusal}: run this again`);
  return true;
}

async function isClosed({ client }: AccountClosing, accountId: string): Promise<boolean> {
  const events = await readAccountStream(client, accountId);
  return events === undefined || events.some(({ type }) => type === 'AccountClosed');
}
