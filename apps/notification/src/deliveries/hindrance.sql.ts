import { ADDRESS_BOUNCED } from '../bounces/bounced-addresses.table.js';
import { followUpIsQueued, sentSince } from '../invitation-sent/mail-interval.js';
import { UNWANTED } from '../preferences/unwanted.sql.js';
import { isAnswered, isOver, isSuperseded } from '../reminder-due/no-longer-due.js';

/**
 * Why the delivery `d` is not to be sent, or null: every condition under which silence is right, in the order in which
 * they count. They are asked for when it is its turn, and once more at the moment of sending. Each looks for one row
 * (`LIMIT 1`) through an index: of an EXISTS the planner makes a hash of the whole ledger where it thinks that it pays.
 * @param intervalMs the parameter that has the least time between two invitation e-mails
 */
export const hindranceOf = (intervalMs: string): string => `CASE
  WHEN ${UNWANTED} THEN 'PREFERENCE'
  WHEN ${ADDRESS_BOUNCED} THEN 'ADDRESS_BOUNCED'
  WHEN d.kind = 'invitation' AND ${intervalMs}::float8 > 0 THEN CASE
    WHEN ${sentSince(intervalMs)} THEN 'TOO_SOON'
    WHEN ${followUpIsQueued} THEN 'SUPERSEDED' END
  WHEN d.kind = 'reminder' THEN CASE
    WHEN ${isOver} THEN 'EXPIRED'
    WHEN ${isAnswered} THEN 'ANSWERED'
    WHEN ${isSuperseded} THEN 'SUPERSEDED' END
  END`;

/** What `hindranceOf` may say. */
export type Hindrance = 'PREFERENCE' | 'ADDRESS_BOUNCED' | 'TOO_SOON' | 'SUPERSEDED' | 'EXPIRED' | 'ANSWERED';
