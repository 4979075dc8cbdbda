import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { VersionedAccount } from '#libs/event-store';
import { countEntries, partialAccount, type Account } from '#libs/invitation';

/** The share of the memory for accounts that were used once so far. */
const PROBATION_SHARE = 1 / 8;

/** Many times the number of accounts with one invitation that fit into the default cache; 1 MiB of checksums. */
const DOORKEEPER_SIZE = 2 ** 18;

/** More entries of one account are not kept, so that an account of any size costs the same. About 75 KiB. */
const MAX_CACHED_ENTRIES = 500;

/** An account that may be partial. */
export interface CachedAccount extends VersionedAccount {
  /** Of a partial account: no event after this revision changed an entry that is not loaded. */
  readonly coveredFrom?: bigint | undefined;
}

/**
 * Keeps the accounts that were used last, as a segmented LRU cache. Most accounts of a backlog may occur once, and would
 * displace those that occur again and again. So a new account enters the small probation segment, and only an account that
 * is used again enters the protected segment. The doorkeeper remembers ids for longer than their accounts are cached.
 */
export class AccountCache {
  private readonly probationSegment: LRUCache<string, CachedAccount>;
  private readonly protectedSegment: LRUCache<string, CachedAccount>;
  /** Checksums of ids. A collision only puts an account into the other segment. */
  private readonly doorkeeper = new Uint32Array(DOORKEEPER_SIZE);

  /**
   * @param bytes the estimated size of both segments
   * @param maxEntries of one account
   */
  constructor(
    bytes: number,
    private readonly maxEntries = MAX_CACHED_ENTRIES,
  ) {
    const probation = Math.ceil(bytes * PROBATION_SHARE);
    this.probationSegment = newSegment(probation);
    this.protectedSegment = newSegment(bytes - probation);
  }

  /** Estimated. */
  get bytes(): number {
    return this.probationSegment.calculatedSize + this.protectedSegment.calculatedSize;
  }

  /** Removes the account from the cache, because deciding changes it. Put it back after the append. */
  take(accountId: string): CachedAccount | undefined {
    for (const segment of [this.protectedSegment, this.probationSegment]) {
      const account = segment.get(accountId);
      if (account === undefined) continue;
      segment.delete(accountId);
      this.remember(accountId);
      return account;
    }
    return undefined;
  }

  /** An account with too many entries is kept without them; the next command that needs one loads it from the projection. */
  put(accountId: string, account: CachedAccount): void {
    const wasKnown = this.remember(accountId);
    const segment = wasKnown ? this.protectedSegment : this.probationSegment;
    segment.set(accountId, withBoundedEntries(account, this.maxEntries));
  }

  /** @returns whether the doorkeeper knew the account already */
  private remember(accountId: string): boolean {
    const checksum = crc32(accountId);
    const index = checksum % DOORKEEPER_SIZE;
    const wasKnown = this.doorkeeper[index] === checksum;
    this.doorkeeper[index] = checksum;
    return wasKnown;
  }
}

function withBoundedEntries(cached: CachedAccount, maxEntries: number): CachedAccount {
  const { account, revision } = cached;
  if (countEntries(account) <= maxEntries) return cached;
  return { account: partialAccount(account), revision, coveredFrom: revision };
}

const newSegment = (bytes: number): LRUCache<string, CachedAccount> =>
  new LRUCache({ maxSize: bytes, sizeCalculation: ({ account }) => estimateBytes(account) });

/** Measured averages of what V8 needs for the sets and maps of ids. */
function estimateBytes(account: Account): number {
  const { invitations, relations, processedCommandIds, declinedBy } = account;
  const ids = processedCommandIds.size + declinedBy.size;
  const absent = countEntries(account) - invitations.size - relations.size - processedCommandIds.size;
  return 700 + 200 * invitations.size + 150 * relations.size + 80 * (ids + absent);
}

/** Lookups since the start, and the estimated size. */
export interface CacheUse {
  readonly hits: number;
  /** The account was not cached with all that the commands need, and was loaded from the projection. */
  readonly projected: number;
  /** The account was not cached and was assumed to have no stream. */
  readonly assumedNew: number;
  /** The account was not cached and was read. */
  readonly misses: number;
  readonly bytes: number;
}

/** Registers metrics that read the figures when they are scraped, so that commands pay nothing for them. */
export function registerAccountCacheMetrics(
  registry: Registry,
  cache: { readonly cacheUse: CacheUse },
): void {
  const registers = [registry];
  const lookups = new Counter({
    name: 'invitations_account_cache_lookups_total',
    help: 'Lookups of accounts: found in the cache (hit), loaded from the projection (projected), assumed to have no stream (new), or read from the event store (miss)',
    labelNames: ['result'],
    registers,
    collect() {
      const { hits, projected, assumedNew, misses } = cache.cacheUse;
      this.reset();
      this.inc({ result: 'hit' }, hits);
      this.inc({ result: 'projected' }, projected);
      this.inc({ result: 'new' }, assumedNew);
      this.inc({ result: 'miss' }, misses);
    },
  });
  lookups.reset();
  const bytes = new Gauge({
    name: 'invitations_account_cache_bytes',
    help: 'Estimated memory of the cached accounts; at most ACCOUNT_CACHE_MIB',
    registers,
    collect() {
      this.set(cache.cacheUse.bytes);
    },
  });
  bytes.set(0);
}
