import type { Queryable } from '#libs/platform';
import type { Links } from '../links.js';
import type { Member } from '../members/members.table.js';
import type { Delivery } from './delivery.js';

/** All that an e-mail is made from. */
export interface Composition {
  readonly db: Queryable;
  readonly delivery: Delivery;
  readonly recipient: Member;
  readonly about: Member;
  readonly links: Links;
}
