import { HOUR } from './rhythm.js';
import type { Random } from './random.js';

/** A member, as the sample history knows them. */
export interface SampleMember {
  readonly id: string;
  /** Recruiters invite many whom they do not know. */
  readonly recruits: boolean;
  /** Of their local time from UTC, in milliseconds. */
  readonly offsetMs: number;
  /** How often a week they sit down to invite, on average. */
  readonly weekly: number;
  /** Those whom they know: members of the same circle. */
  readonly circle: number;
}

const RECRUITERS = 0.01;
const CIRCLE_SIZE = 120;
/** Where members live, in hours from UTC, most of them where the network began. */
const OFFSETS = [0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5.5, 8, -5, -5, -8];

/**
 * Few members send most invitations: how many each does is lognormal, and recruiters are a world of their own.
 * The seed is a part of each id, so that several histories can be in one log.
 */
export function sampleMembers(random: Random, seed: number, count: number): readonly SampleMember[] {
  const width = Math.max(5, String(count).length);
  return Array.from({ length: count }, (_, index): SampleMember => {
    const recruits = random.chance(RECRUITERS);
    return {
      id: `m${seed}-${String(index + 1).padStart(width, '0')}`,
      recruits,
      offsetMs: random.of(OFFSETS) * HOUR,
      weekly: recruits ? random.lognormal(0.4, 1.25) : random.lognormal(0.022, 1.1),
      circle: Math.floor(index / CIRCLE_SIZE),
    };
  });
}

/** Somebody whom this member might invite. */
export function acquaintanceOf(
  member: SampleMember,
  members: readonly SampleMember[],
  random: Random,
): SampleMember {
  const nearby = random.chance(member.recruits ? 0.1 : 0.75);
  const first = nearby ? member.circle * CIRCLE_SIZE : 0;
  const last = nearby ? Math.min(first + CIRCLE_SIZE, members.length) : members.length;
  return members[Math.floor(random.between(first, last))]!;
}
