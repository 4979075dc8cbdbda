import type { Peer } from '../protocol/api.js';
import { MalformedRequest } from '../protocol/reader.js';

/** Far more than a client needs, which joins one group by a connection and has one id at a time. */
const MAX_PER_CONNECTION = 10;

/**
 * Member ids that were handed out and have not come back yet. Each holds up its group's rebalance, so it goes when its
 * session timeout has passed and when its connection closes.
 */
export class PendingMembers {
  private readonly releases = new Map<string, () => void>();

  /** @param onChange called when an id is given up */
  constructor(private readonly onChange: () => void) {}

  get size(): number {
    return this.releases.size;
  }

  /** @throws MalformedRequest when one connection asks for ids without end */
  add(memberId: string, sessionTimeoutMs: number, peer: Peer): void {
    if (peer.pendingMembers >= MAX_PER_CONNECTION)
      throw new MalformedRequest('too many joins left unfinished');
    peer.pendingMembers++;
    const giveUp = () => {
      this.take(memberId);
      this.onChange();
    };
    const timer = setTimeout(giveUp, sessionTimeoutMs);
    peer.closed.addEventListener('abort', giveUp);
    this.releases.set(memberId, () => {
      clearTimeout(timer);
      peer.closed.removeEventListener('abort', giveUp);
      peer.pendingMembers--;
    });
  }

  /** @returns whether the id was pending; it is not any more */
  take(memberId: string): boolean {
    this.releases.get(memberId)?.();
    return this.releases.delete(memberId);
  }
}
