import { Counter, Gauge, type Registry } from 'prom-client';
import { PROFILE_FIELDS, type ProfileField } from '#libs/contracts';

/** Metrics of profiles and sweeps, for operators and for the engineers of the profile service. */
export class ProfileMetrics {
  /** Messages that the offset fence did not admit. */
  readonly fenced: Counter;
  /** Messages that are not a profile. */
  readonly unreadable: Counter;
  readonly unusableFields: Counter<'field'>;
  readonly swept: Counter;
  /** 1 while sweeps are refused and wait for an operator. */
  readonly sweepRefused: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.fenced = new Counter({
      name: 'invitations_profiles_fenced_total',
      help: 'Messages of members.profiles that were skipped because they, or newer ones, had been applied',
      registers,
    });
    this.unreadable = new Counter({
      name: 'invitations_profiles_unreadable_total',
      help: 'Messages of members.profiles that are not a profile: the member stays unchanged',
      registers,
    });
    this.unusableFields = new Counter({
      name: 'invitations_profile_fields_unusable_total',
      help: 'Fields of profiles that violate the contract; the other fields are used',
      labelNames: ['field'],
      registers,
    });
    this.swept = new Counter({
      name: 'invitations_members_swept_total',
      help: 'Members that were removed because they are no longer in the topic',
      registers,
    });
    this.sweepRefused = new Gauge({
      name: 'invitations_members_sweep_refused',
      help: '1 while members are missing in the topic and an operator has to decide',
      registers,
    });
    for (const field of PROFILE_FIELDS) this.unusableFields.inc({ field }, 0);
  }

  countUnusable(fields: readonly ProfileField[]): void {
    for (const field of fields) this.unusableFields.inc({ field });
  }
}
