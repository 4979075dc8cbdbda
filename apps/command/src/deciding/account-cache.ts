import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { AccountAt } from '#libs/event-store';
import type { Account } from '#libs/invitation';

/** What accounts that came once may take of the whole. */
const NEWCOMERS_SHARE = 1 / 8;

/** Many times the accounts of one invitation that the default cache holds; 1 MiB. */
const REMEMBERED = 2 ** 18;

/**
 * The accounts that commands were for last. Most of a backlog may be accounts that come once; they would take the place of
 * those that come again and again, and the memory. So an account has little room until it comes again: two segments, each
 * with the least recently used going first. Which accounts came before is remembered for longer than they are kept.
 */
export class AccountCache {
  private readonly newcomers: LRUCache<string, AccountAt>;
  private readonly regulars: LRUCache<string, AccountAt>;
  /** Checksums of ids. A lost or a wrong one puts an account into the other segment, no more. */
  private readonly came = new Uint32Array(REMEMBERED);

  /** @param bytes as estimated, of both segments */
  constructor(bytes: number) {
    const newcomers = Math.ceil(bytes * NEWCOMERS_SHARE);
    this.newcomers = segment(newcomers);
    this.regulars = segment(bytes - newcomers);
  }

  /** As estimated. */
  get bytes(): number {
    return this.newcomers.calculatedSize + this.regulars.calculatedSize;
  }

  /** Out of the cache, for an account is changed by deciding: only what was appended may go back. */
  take(accountId: string): AccountAt | undefined {
    for (const accounts of [this.regulars, this.newcomers]) {
      const at = accounts.get(accountId);
      if (at === undefined) continue;
      accounts.delete(accountId);
      this.remember(accountId);
      return at;
    }
    return undefined;
  }

  put(accountId: string, at: AccountAt): void {
    const cameBefore = this.remember(accountId);
    const accounts = cameBefore ? this.regulars : this.newcomers;
    accounts.set(accountId, at);
  }

  /** Whether it was remembered already. */
  private remember(accountId: string): boolean {
    const checksum = crc32(accountId);
    const place = checksum % REMEMBERED;
    const already = this.came[place] === checksum;
    this.came[place] = checksum;
    return already;
  }
}

const segment = (bytes: number): LRUCache<string, AccountAt> =>
  new LRUCache({ maxSize: bytes, sizeCalculation: ({ account }) => approximateBytes(account) });

/** About what V8 takes for the sets and maps of ids; measured, not exact. */
function approximateBytes({ invitations, relations, carriedOut, declinedBy }: Account): number {
  return 700 + 200 * invitations.size + 150 * relations.size + 80 * carriedOut.size + 80 * declinedBy.size;
}
