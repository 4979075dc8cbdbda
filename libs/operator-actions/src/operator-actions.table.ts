import { toPostgresText, type Queryable } from '#libs/platform';

export interface OperatorAction {
  /** Who runs the tool. */
  readonly operator: string;
  /** The tool, its subcommand and its arguments. */
  readonly action: string;
  readonly why: string | undefined;
}

/** Records an action before it is carried out. @returns its id */
export async function recordAction(
  db: Queryable,
  { operator, action, why }: OperatorAction,
): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    'INSERT INTO read_models.operator_actions (operator, action, why) VALUES ($1, $2, $3) RETURNING id::text',
    [toPostgresText(operator), toPostgresText(action), why === undefined ? null : toPostgresText(why)],
  );
  return rows[0]!.id;
}

/** Records that an action has succeeded. */
export async function recordActionFinished(db: Queryable, id: string): Promise<void> {
  await db.query('UPDATE read_models.operator_actions SET finished_at = now() WHERE id = $1', [id]);
}
