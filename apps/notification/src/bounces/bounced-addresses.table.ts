import type { Queryable } from '#libs/platform';

/** Of an address, in whatever case: servers that tell `Bob` from `bob` are not met. */
const hashOf = (address: string): string => `sha256(convert_to(lower(${address}), 'UTF8'))`;

/**
 * Whether the address that the recipient of the delivery `d` has now is one that bounced. Another address in their
 * profile is another matter.
 */
export const ADDRESS_BOUNCED = `(
    SELECT true FROM notification.members m JOIN notification.bounced_addresses b ON b.address_hash = ${hashOf('m.email')}
    WHERE m.id = d.recipient_id LIMIT 1) IS NOT NULL`;

/**
 * From now on nothing is sent to an address.
 * @param smtpCode what a server said; absent where an operator says so
 */
export async function saveBounce(db: Queryable, address: string, smtpCode?: number): Promise<void> {
  await db.query(
    `INSERT INTO notification.bounced_addresses (address_hash, smtp_code) VALUES (${hashOf('$1')}, $2)
     ON CONFLICT DO NOTHING`,
    [address, smtpCode ?? null],
  );
}

/** @returns whether it was suppressed */
export async function removeBounce(db: Queryable, address: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `DELETE FROM notification.bounced_addresses WHERE address_hash = ${hashOf('$1')}`,
    [address],
  );
  return rowCount === 1;
}
