import { beforeEach, describe, expect, it } from '@jest/globals';
import { HungDomains } from './hung-domains.js';

const [A, B, OTHER] = ['a@hung.example', 'b@hung.example', 'a@other.example'];

let nowMs: number;
let domains: HungDomains;

beforeEach(() => {
  nowMs = 0;
  domains = new HungDomains(() => nowMs);
});

/** An attempt fails without a reply after half a minute. */
function hang(address: string) {
  const startedAtMs = nowMs;
  nowMs += 30_000;
  domains.recordFailure(address, startedAtMs);
}

describe('HungDomains', () => {
  it('holds back e-mails to a domain about which the server does not reply, and to no other', () => {
    hang(A);
    expect([A, B, OTHER].map((address) => domains.admits(address))).toEqual([false, false, true]);
  });

  it('lets one e-mail each minute test the domain', () => {
    hang(A);
    nowMs += 60_000;
    expect([domains.admits(B), domains.admits(A)]).toEqual([true, false]);
    hang(B);
    nowMs += 59_999;
    expect(domains.admits(A)).toBe(false);
    nowMs += 1;
    expect(domains.admits(A)).toBe(true);
  });

  it('holds back nothing any more once the server replies about the domain', () => {
    hang(A);
    nowMs += 60_000;
    expect(domains.admits(B)).toBe(true);
    domains.recordReply(B);
    expect([domains.admits(A), domains.admits(B)]).toEqual([true, true]);
  });

  it('holds back nothing where the server has replied about another address of the domain meanwhile', () => {
    const startedAtMs = nowMs;
    nowMs += 1_000;
    domains.recordReply(B);
    nowMs += 29_000;
    domains.recordFailure(A, startedAtMs);
    expect(domains.admits(B)).toBe(true);
  });

  it('holds back nothing after an attempt that failed at once', () => {
    nowMs += 100;
    domains.recordFailure(A, 0);
    expect(domains.admits(A)).toBe(true);
  });
});
