import type { Queryable } from '#libs/platform';

/** Whether a command has an outcome that is older than that. */
export async function wasDecidedBefore(db: Queryable, commandId: string, at: Date): Promise<boolean> {
  const { rows } = await db.query(
    'SELECT FROM read_models.command_outcomes WHERE command_id = $1 AND decided_at < $2',
    [commandId, at.toISOString()],
  );
  return rows.length > 0;
}
