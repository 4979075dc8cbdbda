import { AuthorTextOpener, type WrappingKeys } from '#libs/author-keys';
import { decodeEvent, readAccountStream, type EventStoreDBClient, type RawEvent } from '#libs/event-store';
import { findAddresses, findOwnedRows, MEMBER_TABLES } from '#libs/member-data';
import type { Pool } from '#libs/platform';
import { EXPORT_PLAN, pickRows, type ExportSection } from './export-plan.js';
import { toVisibleEvent, type VisibleEvent } from './visible-event.js';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** What is stored of a member, as far as the member may know it. */
export interface MemberExport extends Partial<Readonly<Record<ExportSection, Rows>>> {
  readonly memberId: string;
  readonly exportedAt: string;
  /** The member's replies to invitations of others, which their inviters can see. */
  readonly replies: Rows;
  readonly events: readonly VisibleEvent[];
}

export interface ExportSources {
  readonly pool: Pool;
  readonly client: EventStoreDBClient;
  /** Without them, encrypted texts are missing in the events. */
  readonly keys: WrappingKeys | undefined;
}

/** @param onUnreadable is called for each text that cannot be decrypted, with the reason */
export async function exportMember(
  { pool, client, keys }: ExportSources,
  memberId: string,
  exportedAt: string,
  onUnreadable: (reason: string) => void = () => undefined,
): Promise<MemberExport> {
  const member = { id: memberId, addresses: await findAddresses(pool, memberId) };
  const sections: Partial<Record<ExportSection, Rows>> = {};
  for (const table of MEMBER_TABLES) {
    const plan = EXPORT_PLAN[table.name];
    if (plan === undefined) throw new Error(`the export does not say what a member gets of ${table.name}`);
    if ('why' in plan) continue;
    sections[plan.section] = pickRows(plan, await findOwnedRows(pool, table, member), memberId);
  }
  const raw = (await readAccountStream(client, memberId)) ?? [];
  const opened = await openTexts(pool, keys, raw, onUnreadable);
  const events = opened.map((event) => toVisibleEvent(decodeEvent(event).event));
  return {
    memberId,
    exportedAt,
    ...sections,
    replies: await findReplies(pool, memberId),
    events: events.filter((event) => event !== undefined),
  };
}

function openTexts(
  pool: Pool,
  keys: WrappingKeys | undefined,
  events: readonly RawEvent[],
  onUnreadable: (reason: string) => void,
): Promise<readonly RawEvent[]> {
  const opener = new AuthorTextOpener(keys ?? []);
  return opener.open(pool, events, (_event, reason) => onUnreadable(reason));
}

/** They are in the rows of the inviters, of which the member gets nothing else. */
async function findReplies(pool: Pool, memberId: string): Promise<Rows> {
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT replied_at, invitation_id, inviter_id, reply FROM read_models.sent
     WHERE recipient_id = $1 AND reply IS NOT NULL ORDER BY replied_at, invitation_id`,
    [memberId],
  );
  return rows;
}
