import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { FastifyInstance } from 'fastify';
import { ApiConfig } from '../config/api.config.js';
import { tooManyRequests, ProblemError } from '../http/problem.js';
import { toClientKey } from './client-address.js';
import type { Rate } from '../config/config-validators.js';
import { takeToken } from './token-bucket.js';

/**
 * Limits requests by address and by member within this instance, to keep the instance alive. Limits that must hold
 * across instances are in DistributedRateLimiter.
 */
@Injectable()
export class LocalRateLimiter {
  private readonly addresses: InMemoryBuckets;
  private readonly members: InMemoryBuckets;

  constructor({ RATE_ADDRESS, RATE_MEMBER }: ApiConfig) {
    this.addresses = new InMemoryBuckets(RATE_ADDRESS);
    this.members = new InMemoryBuckets(RATE_MEMBER);
  }

  /** @throws ProblemError 429 */
  consumeForAddress(ip: string): void {
    rejectIfEmpty(this.addresses.take(toClientKey(ip)));
  }

  /** @throws ProblemError 429 */
  consumeForMember(memberId: string): void {
    rejectIfEmpty(this.members.take(memberId));
  }
}

function rejectIfEmpty(waitMs: number | undefined): void {
  if (waitMs !== undefined) throw tooManyRequests(waitMs);
}

/** Bounds the memory of one instance. A flood from more addresses must be stopped in front of it. */
const MAX_BUCKETS = 100_000;

/** Token buckets in the memory of this instance. A system clock that is set back does not empty them. */
class InMemoryBuckets {
  private readonly fullAt = new LRUCache<string, number>({ max: MAX_BUCKETS });

  constructor(private readonly rate: Rate | undefined) {}

  /** @returns undefined when a token was taken, otherwise the milliseconds until there is one */
  take(name: string): number | undefined {
    if (this.rate === undefined) return undefined;
    const result = takeToken(this.rate, this.fullAt.get(name), performance.now());
    if (!result.taken) return result.retryAfterMs;
    this.fullAt.set(name, result.fullAt);
    return undefined;
  }
}

/** Requests of the orchestrator, which must not conclude from a flood that the process is dead. */
const UNLIMITED_ROUTES = new Set(['/healthz', '/readyz', '/metrics']);

/** Counts every request of an address before anything else is done for it. */
export function limitRequestsByAddress(server: FastifyInstance, limits: () => LocalRateLimiter): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (UNLIMITED_ROUTES.has(request.routeOptions.url ?? '')) return done();
    try {
      limits().consumeForAddress(request.ip);
      done();
    } catch (error) {
      done(error as ProblemError);
    }
  });
}
