import {
  CloseInvitationData,
  EndConnectionData,
  serviceCommandId,
  type CommandMessage,
} from '#libs/contracts';
import { decodeEvent, EventStoreUnavailableError, type RawEvent, type StoredEvent } from '#libs/event-store';
import { evolve, initialState, type Account } from '#libs/invitation';
import { EventHandlingError } from '#libs/projection';

/** Reads the events of an account's stream, in batches up to its end. */
export type ReadAccountBatches = (accountId: string) => AsyncIterable<readonly RawEvent[]>;

/** Commands that are published together: a small batch for Kafka. */
const PAGE_COMMANDS = 500;

/**
 * D23: reacts to the closing of an account with a command for each of its open invitations and each of its connections, in pages,
 * because an account can have a hundred thousand. The ids of the commands are derived from the event, and each takes effect once,
 * however often it is issued. Undefined for another event.
 */
export function reactToClosing(
  raw: RawEvent,
  readAccount: ReadAccountBatches,
): AsyncIterable<readonly CommandMessage[]> | undefined {
  return raw.type === 'AccountClosed' ? issueByPage(raw, readAccount) : undefined;
}

/**
 * D23: reacts to the end of a connection in the account of the member who left with the command that ends it in the account of the
 * other member. The event in that account leads to no further command.
 */
export function reactToEndedConnection({ id, event }: StoredEvent): CommandMessage | undefined {
  if (event.type !== 'ConnectionEnded' || event.leaverId !== event.accountId) return undefined;
  const { accountId, memberId } = event;
  return endConnection(
    { accountId: memberId, memberId: accountId, leaverId: accountId },
    `end of the connection with ${accountId} in the account ${memberId}, after ${id}`,
  );
}

async function* issueByPage(
  closing: RawEvent,
  readAccount: ReadAccountBatches,
): AsyncGenerator<readonly CommandMessage[], void, void> {
  const account = await foldRelations(closing, readAccount);
  let page: CommandMessage[] = [];
  for (const command of commandsFor(closing, account)) {
    page.push(command);
    if (page.length < PAGE_COMMANDS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/**
 * The account's relations at the end of its stream. Nothing is sent or recorded in it after the closing, so the later events only
 * leave less to do.
 * @throws EventStoreUnavailableError if a node of the event store does not have the closing yet
 * @throws EventHandlingError if an event cannot be read or folded
 */
async function foldRelations(closing: RawEvent, readAccount: ReadAccountBatches): Promise<Account> {
  const account = initialState();
  let last: bigint | undefined;
  for await (const events of readAccount(closing.accountId)) {
    for (const raw of events) {
      try {
        evolve(account, decodeEvent(raw).event);
      } catch (error) {
        throw new EventHandlingError(error);
      }
      last = raw.revision;
    }
    // No relation depends on them, and they would take most of the memory.
    account.invitations.clear();
    account.processedCommandIds.clear();
  }
  // A stream without events was deleted.
  if (last !== undefined && last < closing.revision) {
    throw new EventStoreUnavailableError(
      `the stream of ${closing.accountId} was read up to event ${last}, but its event ${closing.revision} was delivered: the node that was read lags behind`,
    );
  }
  return account;
}

function* commandsFor(closing: RawEvent, { relations }: Account): Generator<CommandMessage, void, void> {
  const { id, accountId } = closing;
  for (const [memberId, { open, connected }] of relations) {
    if (open !== undefined)
      yield {
        type: 'invitations.close-invitation.v1',
        commandId: serviceCommandId(`end of the invitation ${open}, after ${id}`),
        data: Object.assign(new CloseInvitationData(), { invitationId: open, recipientId: memberId }),
      };
    if (connected)
      yield endConnection(
        { accountId, memberId, leaverId: accountId },
        `end of the connection with ${memberId} in the account ${accountId}, after ${id}`,
      );
  }
}

const endConnection = (
  data: Pick<EndConnectionData, 'accountId' | 'memberId' | 'leaverId'>,
  cause: string,
): CommandMessage => ({
  type: 'invitations.end-connection.v1',
  commandId: serviceCommandId(cause),
  data: Object.assign(new EndConnectionData(), data),
});
