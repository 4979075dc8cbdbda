import { Type } from 'class-transformer';
import { IsInt, Min } from 'class-validator';
import { InvalidArgumentError } from 'commander';
import { DEFAULT_POLICY, type Policy } from '#libs/invitation';
import { durationMs, IsDuration, IsDurations } from '#libs/platform';

/** The policy that the service has: the command app's own variables. */
export class PolicyConfig {
  @Type(() => Number)
  @IsInt()
  @Min(0)
  INVITATION_LIMIT = DEFAULT_POLICY.invitationLimit;

  /** 0: off. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  RESTRICT_AFTER_DECLINES = DEFAULT_POLICY.restrictAfterDeclines;

  @IsDuration()
  FOLLOW_UP_INTERVAL = DEFAULT_POLICY.followUpIntervalMs;

  @IsDurations()
  REMINDERS: readonly number[] = DEFAULT_POLICY.remindersMs;

  @IsDuration()
  REMINDER_VALIDITY = DEFAULT_POLICY.reminderValidityMs;
}

export const policyOf = (config: PolicyConfig): Policy => ({
  invitationLimit: config.INVITATION_LIMIT,
  restrictAfterDeclines: config.RESTRICT_AFTER_DECLINES,
  followUpIntervalMs: config.FOLLOW_UP_INTERVAL,
  remindersMs: config.REMINDERS,
  reminderValidityMs: config.REMINDER_VALIDITY,
});

/** @throws InvalidArgumentError */
export function countOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 0 on.');
}

/** @throws InvalidArgumentError */
export function durationOf(text: string): number {
  try {
    return durationMs(text);
  } catch {
    throw new InvalidArgumentError('A duration is written as P3D or PT12H.');
  }
}

/** @throws InvalidArgumentError */
export function durationsOf(text: string): number[] {
  const all = text === 'none' ? [] : text.split(',').map((one) => durationOf(one.trim()));
  if (all.every((ms, index) => index === 0 || ms > all[index - 1]!)) return all;
  throw new InvalidArgumentError('Durations ascend: P3D,P10D.');
}

const DAY = 24 * 60 * 60_000;
const iso = (ms: number) => (ms % DAY === 0 ? `P${ms / DAY}D` : `PT${ms / 1_000}S`);

/** As the variables and the options have it. */
export const policyInWords = (policy: Policy) => ({
  limit: policy.invitationLimit,
  restrictAfter: policy.restrictAfterDeclines,
  followUpInterval: iso(policy.followUpIntervalMs),
  reminders: policy.remindersMs.map(iso).join(',') || 'none',
  reminderValidity: iso(policy.reminderValidityMs),
});
