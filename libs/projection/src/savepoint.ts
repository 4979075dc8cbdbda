import type { Queryable } from '#libs/platform';

/** Runs a part of a transaction: when it throws, its statements are undone and the transaction can go on. */
export async function savepoint(tx: Queryable, work: () => Promise<void>): Promise<void> {
  await tx.query('SAVEPOINT part');
  try {
    await work();
  } catch (error) {
    // On a connection that is gone this fails as well; the first error is the one that tells.
    await tx.query('ROLLBACK TO SAVEPOINT part').catch(() => undefined);
    throw error;
  }
  await tx.query('RELEASE SAVEPOINT part');
}
