import { Type } from 'class-transformer';
import { IsInt, Min } from 'class-validator';
import { DEFAULT_POLICY, type Policy } from '#libs/invitation';
import { IsDuration, IsDurationOrNone, IsDurations } from '#libs/platform';

/** The variables of the policy for what is due after a time. They must be the same in the command app and the projector. */
export class TimedPolicyConfig {
  /** Times after the sending at which reminders are due, separated by commas; `none` for no reminders. */
  @IsDurations()
  REMINDERS: readonly number[] = DEFAULT_POLICY.remindersMs;

  /** How late a reminder may be. */
  @IsDuration()
  REMINDER_VALIDITY = DEFAULT_POLICY.reminderValidityMs;

  /** How long an invitation may be open before it expires; `none` for ever. */
  @IsDurationOrNone()
  INVITATION_EXPIRY = DEFAULT_POLICY.invitationExpiryMs;
}

/** The variables of the policy by which commands are decided. */
export class PolicyConfig extends TimedPolicyConfig {
  /** Invitations that an account can send in total. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  INVITATION_LIMIT = DEFAULT_POLICY.invitationLimit;

  /** Declines that restrict an account; 0 turns restrictions off. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  RESTRICT_AFTER_DECLINES = DEFAULT_POLICY.restrictAfterDeclines;

  /** Least time between two invitations to one recipient. */
  @IsDuration()
  FOLLOW_UP_INTERVAL = DEFAULT_POLICY.followUpIntervalMs;
}

export const toPolicy = (config: PolicyConfig): Policy => ({
  invitationLimit: config.INVITATION_LIMIT,
  restrictAfterDeclines: config.RESTRICT_AFTER_DECLINES,
  followUpIntervalMs: config.FOLLOW_UP_INTERVAL,
  remindersMs: config.REMINDERS,
  reminderValidityMs: config.REMINDER_VALIDITY,
  invitationExpiryMs: config.INVITATION_EXPIRY,
});
