/** The numbers of the rules. They come in with each decision, so that a replay may ask "what if". */
export interface Policy {
  /** Invitations that an account can send, in total (R2). */
  readonly invitationLimit: number;
  /** Declines by different recipients that restrict an account (R26); 0 turns restriction off. */
  readonly restrictAfterDeclines: number;
  /** Least time between two invitations to one recipient, in milliseconds (D2). */
  readonly followUpIntervalMs: number;
}

export const DEFAULT_POLICY: Policy = {
  invitationLimit: 3000,
  restrictAfterDeclines: 5,
  followUpIntervalMs: 0,
};
