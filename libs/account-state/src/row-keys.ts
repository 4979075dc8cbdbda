/** What a row's key names. No account id contains a blank. */
export type EntryKey =
  | { readonly kind: 'head'; readonly accountId: string }
  | { readonly kind: 'relation'; readonly accountId: string; readonly memberId: string }
  | { readonly kind: 'invitation'; readonly accountId: string; readonly invitationId: string }
  | { readonly kind: 'command'; readonly accountId: string; readonly commandId: string };

export const headKey = (accountId: string): string => accountId;
export const relationKey = (accountId: string, memberId: string): string => `${accountId} r ${memberId}`;
export const invitationKey = (accountId: string, invitationId: string): string =>
  `${accountId} i ${invitationId}`;
export const commandKey = (accountId: string, commandId: string): string => `${accountId} c ${commandId}`;

export function parseKey(key: string): EntryKey {
  const end = key.indexOf(' ');
  if (end < 0) return { kind: 'head', accountId: key };
  const accountId = key.slice(0, end);
  const id = key.slice(end + 3);
  const kind = key[end + 1];
  if (kind === 'r') return { kind: 'relation', accountId, memberId: id };
  if (kind === 'i') return { kind: 'invitation', accountId, invitationId: id };
  if (kind === 'c') return { kind: 'command', accountId, commandId: id };
  throw new Error(`not a key of account_state: ${key}`);
}
