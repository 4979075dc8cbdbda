import { Counter, Gauge, type Registry } from 'prom-client';
import type { AccountDecider } from './account-decider.js';

/** How the cache of accounts does, read when somebody asks: a command pays nothing for it. */
export function measureCache(registry: Registry, decider: Pick<AccountDecider, 'cacheUse'>): void {
  const registers = [registry];
  const lookups = new Counter({
    name: 'invitations_account_cache_lookups_total',
    help: 'Accounts looked up to be decided on: found, thought to be new, or to be read from the event store',
    labelNames: ['result'],
    registers,
    collect() {
      const { hits, guesses, misses } = decider.cacheUse;
      this.reset();
      this.inc({ result: 'hit' }, hits);
      this.inc({ result: 'new' }, guesses);
      this.inc({ result: 'miss' }, misses);
    },
  });
  lookups.reset();
  const bytes = new Gauge({
    name: 'invitations_account_cache_bytes',
    help: 'Memory of the accounts that are kept, as estimated; at most ACCOUNT_CACHE_MIB',
    registers,
    collect() {
      this.set(decider.cacheUse.bytes);
    },
  });
  bytes.set(0);
}
