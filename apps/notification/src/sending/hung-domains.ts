import { LRUCache } from 'lru-cache';

/** An attempt that fails sooner has occupied its connection only for a moment. In milliseconds, as below. */
const HANG_MS = 5_000;
const TEST_INTERVAL_MS = 60_000;
const MAX_DOMAINS = 10_000;

interface Domain {
  readonly repliedAtMs: number;
  /** When the next e-mail may test the domain; undefined while it is not hung. */
  testAtMs?: number;
}

/**
 * The domains of recipients about which the server does not reply, while it takes e-mails to others. Many e-mails to one of them
 * would occupy every connection, each for half a minute. So one e-mail tests such a domain each minute, and the others wait.
 */
export class HungDomains {
  private readonly domains = new LRUCache<string, Domain>({ max: MAX_DOMAINS });

  /** @param now returns milliseconds of a clock that is never set back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether an e-mail to this address may be sent now. */
  admits(address: string): boolean {
    const domain = this.domains.get(domainOf(address));
    if (domain?.testAtMs === undefined) return true;
    if (this.now() < domain.testAtMs) return false;
    domain.testAtMs = this.now() + TEST_INTERVAL_MS;
    return true;
  }

  /** The server has replied about an address. */
  recordReply(address: string): void {
    this.domains.set(domainOf(address), { repliedAtMs: this.now() });
  }

  /** An attempt failed without a reply. It is about the address alone if the server has replied about its domain meanwhile. */
  recordFailure(address: string, startedAtMs: number): void {
    const repliedAtMs = this.domains.get(domainOf(address))?.repliedAtMs ?? Number.NEGATIVE_INFINITY;
    if (repliedAtMs > startedAtMs || this.now() - startedAtMs < HANG_MS) return;
    this.domains.set(domainOf(address), { repliedAtMs, testAtMs: this.now() + TEST_INTERVAL_MS });
  }
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
