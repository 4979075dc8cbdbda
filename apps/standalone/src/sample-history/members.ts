import { HOUR } from './activity-schedule.js';
import type { SeededRandom } from './seeded-random.js';

/** A member of the sample history. */
export interface SampleMember {
  readonly id: string;
  /** Recruiters invite many strangers. */
  readonly isRecruiter: boolean;
  /** Offset of the local time from UTC, in milliseconds. */
  readonly utcOffsetMs: number;
  /** Mean number of sittings per week in which they invite others. */
  readonly sittingsPerWeek: number;
  /** Members of the same circle know each other. */
  readonly circle: number;
}

const RECRUITER_SHARE = 0.01;
const CIRCLE_SIZE = 120;
/** Time zones of members, in hours from UTC; most members live where the network began. */
const UTC_OFFSETS_HOURS = [0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5.5, 8, -5, -5, -8];

/**
 * Generates members. The number of invitations per member is lognormal, so few members send most of them, and
 * recruiters have a distribution of their own. Each id contains the seed, so that several histories fit into one log.
 */
export function generateMembers(random: SeededRandom, seed: number, count: number): readonly SampleMember[] {
  const width = Math.max(5, String(count).length);
  return Array.from({ length: count }, (_, index): SampleMember => {
    const isRecruiter = random.chance(RECRUITER_SHARE);
    return {
      id: `m${seed}-${String(index + 1).padStart(width, '0')}`,
      isRecruiter,
      utcOffsetMs: random.pick(UTC_OFFSETS_HOURS) * HOUR,
      sittingsPerWeek: isRecruiter ? random.lognormal(0.4, 1.25) : random.lognormal(0.022, 1.1),
      circle: Math.floor(index / CIRCLE_SIZE),
    };
  });
}

/** Returns a member whom this member might invite. */
export function pickInvitee(
  member: SampleMember,
  members: readonly SampleMember[],
  random: SeededRandom,
): SampleMember {
  const nearby = random.chance(member.isRecruiter ? 0.1 : 0.75);
  const first = nearby ? member.circle * CIRCLE_SIZE : 0;
  const last = nearby ? Math.min(first + CIRCLE_SIZE, members.length) : members.length;
  return members[Math.floor(random.between(first, last))]!;
}
