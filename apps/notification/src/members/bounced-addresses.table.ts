import { canonicalAddress } from '#libs/contracts';
import type { Queryable } from '#libs/platform';

/*
 * The tables `notification.bounced_addresses`, to which nothing is sent, and `notification.unclear_refusals`. They hold
 * hashes: these are enough to recognize an address, and they outlive the member.
 */

/**
 * SQL: the hash of a canonical address, ignoring case. No mail server is known that distinguishes `Bob` from `bob`.
 * @param address an SQL expression of type `text`
 */
export const addressHash = (address: string): string => `sha256(convert_to(lower(${address}), 'UTF8'))`;

/**
 * SQL: whether the present address of the recipient of the delivery `d` has bounced. A new address in the member's profile
 * is not suppressed.
 */
export const ADDRESS_BOUNCED = `(
    SELECT true FROM notification.members m JOIN notification.bounced_addresses b ON b.address_hash = ${addressHash('m.email')}
    WHERE m.id = d.recipient_id LIMIT 1) IS NOT NULL`;

/** The canonical spelling, in which members are stored, and the given one: earlier versions stored what the profile said. */
const spellingsOf = (address: string): string[] => [
  ...new Set([canonicalAddress(address) ?? address.normalize('NFC'), address]),
];

/**
 * Suppresses an address: nothing is sent to it from now on.
 * @param smtpCode the code with which a server refused the address; absent where an operator suppresses it, which no server
 *   reverts
 * @returns whether it was not suppressed before
 */
export async function suppressAddress(db: Queryable, address: string, smtpCode?: number): Promise<boolean> {
  const { rows } = await db.query<{ isNew: boolean }>(
    `INSERT INTO notification.bounced_addresses (address_hash, smtp_code)
     SELECT DISTINCT ${addressHash('spelling')}, $2::integer FROM unnest($1::text[]) AS given (spelling)
     ON CONFLICT (address_hash) DO UPDATE SET smtp_code = CASE WHEN excluded.smtp_code IS NULL THEN NULL
       ELSE bounced_addresses.smtp_code END
     RETURNING xmax = 0 AS "isNew"`,
    [spellingsOf(address), smtpCode ?? null],
  );
  return rows.some(({ isNew }) => isNew);
}

/**
 * Lifts the suppression of an address, and forgets its unclear refusals.
 * @returns whether it was suppressed
 */
export async function unsuppressAddress(db: Queryable, address: string): Promise<boolean> {
  await db.query(
    `DELETE FROM notification.unclear_refusals
     WHERE address_hash IN (SELECT ${addressHash('spelling')} FROM unnest($1::text[]) AS given (spelling))`,
    [spellingsOf(address)],
  );
  const { rowCount } = await db.query(
    `DELETE FROM notification.bounced_addresses
     WHERE address_hash IN (SELECT ${addressHash('spelling')} FROM unnest($1::text[]) AS given (spelling))`,
    [spellingsOf(address)],
  );
  return (rowCount ?? 0) > 0;
}

/** A second refusal confirms an unclear one if it comes this many days later. */
const CONFIRMATION_DAYS = 2;

/**
 * Records a refusal that may be about the mailbox.
 * @returns `first`: no consequence yet. `again`: too soon after the first to confirm it. `confirmed`: days after the first,
 *   and the server took no e-mail to that member in between
 */
export async function recordUnclearRefusal(
  tx: Queryable,
  address: string,
  recipientId: string,
): Promise<'first' | 'again' | 'confirmed'> {
  const { rows } = await tx.query<{ isOld: boolean; isTaken: boolean }>(
    `SELECT first_at <= now() - $3 * interval '1 day' AS "isOld",
       (SELECT true FROM notification.deliveries d
        WHERE d.recipient_id = $2 AND d.state = 'sent' AND d.settled_at > first_at LIMIT 1) IS NOT NULL AS "isTaken"
     FROM notification.unclear_refusals WHERE address_hash = ${addressHash('$1')}`,
    [address, recipientId, CONFIRMATION_DAYS],
  );
  const [earlier] = rows;
  if (earlier !== undefined && !earlier.isTaken) return earlier.isOld ? 'confirmed' : 'again';
  await tx.query(
    `INSERT INTO notification.unclear_refusals (address_hash) VALUES (${addressHash('$1')})
     ON CONFLICT (address_hash) DO UPDATE SET first_at = excluded.first_at`,
    [address],
  );
  return 'first';
}
