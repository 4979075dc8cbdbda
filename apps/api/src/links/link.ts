import type { LinkClaims } from '#libs/mail';
import type { PageAnswer } from '../pages/page-answer.js';

/** A link whose token is good. */
export interface Link extends LinkClaims {
  readonly token: string;
}

/** What the links of one purpose show, and do only when their button is pressed (D12). */
export interface LinkHandler {
  show(link: Link): Promise<PageAnswer>;
  act(link: Link, form: unknown): Promise<PageAnswer>;
}
