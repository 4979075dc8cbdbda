import type { Email } from '#libs/mail';
import { composeAcceptance } from '../invitation-accepted/compose-acceptance.js';
import { composeInvitation } from '../invitation-sent/compose-invitation.js';
import type { Composition } from './composition.js';
import type { Delivery } from './delivery.js';

/** The e-mail of each kind. */
export const COMPOSE: Readonly<Record<Delivery['kind'], (of: Composition) => Promise<Email>>> = {
  invitation: composeInvitation,
  acceptance: composeAcceptance,
};
