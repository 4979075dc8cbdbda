import { Injectable } from '@nestjs/common';
import { ApiConfig } from '../config.js';
import { tooMany } from '../http/problem.js';
import { clientOf } from './client-address.js';
import { MemoryBuckets } from './memory-buckets.js';

/**
 * What each instance counts for itself: requests of an address, and of a member. They keep an instance alive; what must
 * hold across instances is counted in `SharedLimits`.
 */
@Injectable()
export class InstanceLimits {
  private readonly addresses: MemoryBuckets;
  private readonly members: MemoryBuckets;

  constructor({ RATE_ADDRESS, RATE_MEMBER }: ApiConfig) {
    this.addresses = new MemoryBuckets(RATE_ADDRESS);
    this.members = new MemoryBuckets(RATE_MEMBER);
  }

  /** @throws Problem 429 */
  countAddress(ip: string, nowMs: number): void {
    refuseAfter(this.addresses.take(clientOf(ip), nowMs));
  }

  /** @throws Problem 429 */
  countMember(memberId: string, nowMs: number): void {
    refuseAfter(this.members.take(memberId, nowMs));
  }
}

function refuseAfter(waitMs: number | undefined): void {
  if (waitMs !== undefined) throw tooMany(waitMs);
}
