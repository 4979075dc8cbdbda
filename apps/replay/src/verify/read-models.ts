import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/reading';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  remindersProjection,
  sentProjection,
} from '#libs/read-models/reading';

/** Every read model that is made of the log. */
export const READ_MODELS = [
  inboxProjection,
  archiveProjection,
  sentProjection,
  connectionsProjection,
  accountRestrictionProjection,
  remindersProjection,
] as readonly RowProjection<InvitationEvent, object>[];

/** Every key begins with the account in whose stream its row is told: ids of members hold neither a dot nor a blank. */
export const accountOfKey = (key: string): string => /^[^. ]*/.exec(key)![0];
