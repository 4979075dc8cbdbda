import { relationWith, type Account } from '../account.js';
import type { RecordConnection } from '../commands.js';
import { accept, type Decision } from '../decision.js';

/**
 * D8: both accounts record a connection; an open invitation the other way round is closed by it, without a word. So is
 * a declined one: it would else stay in the inviter's sent list where an ignored one leaves it (D1).
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
