/** A token is good for one of these only. */
export type LinkPurpose = 'accept' | 'preferences' | 'unsubscribe';

/** The kinds that a member's e-mail preferences know (D13). */
export type EmailKind = 'invitations' | 'reminders' | 'acceptances' | 'replies';

/** What a link lets its holder do, without a login. */
export interface LinkClaims {
  readonly purpose: LinkPurpose;
  /** As whom the link acts: the member to whom the e-mail went. */
  readonly memberId: string;
  /** The invitation that an `accept` link accepts. */
  readonly invitationId?: string;
  /** The kind of e-mail that an `unsubscribe` link ends; e-mail altogether where it is absent. */
  readonly kind?: EmailKind;
  /** The first instant at which the link is no longer good. */
  readonly expiresAt: Date;
}

/** Short names: the token stands in a URL, and mail programs break long ones. */
interface Payload {
  readonly p: LinkPurpose;
  readonly m: string;
  readonly i?: string | undefined;
  readonly k?: EmailKind | undefined;
  /** Milliseconds since 1970. */
  readonly e: number;
}

export function payloadOf({ purpose, memberId, invitationId, kind, expiresAt }: LinkClaims): string {
  const payload: Payload = { p: purpose, m: memberId, i: invitationId, k: kind, e: expiresAt.getTime() };
  return Buffer.from(JSON.stringify(payload)).toString('base64url');
}

/** The claims in a payload whose signature has been verified: its shape is as we wrote it. */
export function claimsFrom(encoded: string): LinkClaims {
  const { p, m, i, k, e } = JSON.parse(Buffer.from(encoded, 'base64url').toString()) as Payload;
  return {
    purpose: p,
    memberId: m,
    ...(i === undefined ? {} : { invitationId: i }),
    ...(k === undefined ? {} : { kind: k }),
    expiresAt: new Date(e),
  };
}
