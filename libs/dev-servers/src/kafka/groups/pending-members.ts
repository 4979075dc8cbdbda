import type { Peer } from '../protocol/api.js';
import { MalformedRequestError } from '../protocol/primitives.js';

/** A client needs one: it joins one group per connection. */
const MAX_PER_CONNECTION = 10;

/**
 * Member ids that were sent to new members that have not joined with them yet (KIP-394). Each delays the rebalance of its group, so
 * it expires after the session timeout and when its connection closes.
 */
export class PendingMembers {
  private readonly releases = new Map<string, () => void>();

  /** @param onExpired called when an id expires */
  constructor(private readonly onExpired: () => void) {}

  get size(): number {
    return this.releases.size;
  }

  /** @throws MalformedRequestError when one connection has too many pending ids */
  add(memberId: string, sessionTimeoutMs: number, peer: Peer): void {
    if (peer.pendingMembers >= MAX_PER_CONNECTION)
      throw new MalformedRequestError('too many unfinished joins');
    peer.pendingMembers++;
    const expire = () => {
      this.remove(memberId);
      this.onExpired();
    };
    const timer = setTimeout(expire, sessionTimeoutMs);
    peer.closed.addEventListener('abort', expire);
    this.releases.set(memberId, () => {
      clearTimeout(timer);
      peer.closed.removeEventListener('abort', expire);
      peer.pendingMembers--;
    });
  }

  /** @returns whether the id was pending */
  remove(memberId: string): boolean {
    this.releases.get(memberId)?.();
    return this.releases.delete(memberId);
  }
}
