/** Where an app stores the members and how far it has read their topic. */
export interface ProfileTables {
  /** Keyed by `id`. */
  readonly members: string;
  /** The ids of members whose profile was removed; undefined where an app does not need them. */
  readonly removed?: string;
  /** The offset after the last applied message, by `topic` and `partition`. */
  readonly offsets: string;
  readonly nextOffsetColumn: string;
  /** When the whole topic was last read (`finished_at`), by `topic`. */
  readonly sweeps: string;
}

/** The directory that projector, command app and api share. The notification app keeps its own. */
export const SHARED_PROFILE_TABLES: ProfileTables = {
  members: 'read_models.members',
  removed: 'read_models.removed_members',
  offsets: 'read_models.profile_places',
  nextOffsetColumn: 'next_position',
  sweeps: 'read_models.profile_sweeps',
};

/** The migrations of offsets and sweeps. The table of members is older than this library: libs/read-models creates it. */
export const profileMigrations = new URL('../migrations', import.meta.url);
