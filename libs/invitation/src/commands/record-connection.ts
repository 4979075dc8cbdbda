import { relationWith, type Account } from '../account.js';
import type { RecordConnection } from '../commands.js';
import { accept, type Decision } from '../decision.js';

/**
 * D8: records a connection in the account of the member who accepted, and silently closes their own open invitation to the
 * inviter. A declined one is closed, too: it would otherwise stay in their sent list, which an ignored one leaves (D1).
 */
export function recordConnection(account: Account, command: RecordConnection): Decision {
  const { commandId, accountId, memberId, through, at } = command;
  const { connected, open } = relationWith(account, memberId);
  if (connected) return accept();
  return accept({
    type: 'ConnectionRecorded',
    commandId,
    accountId,
    memberId,
    through,
    ...(open === undefined ? {} : { closes: open }),
    at,
  });
}
