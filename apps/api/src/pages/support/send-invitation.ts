import type { FastifyReply } from 'fastify';
import { InvalidDataError, type OutcomeCode } from '#libs/contracts';
import { invitationIdOf } from '#libs/invitation';
import { createCommand } from '../../commands/command-request.js';
import type { FormActions } from './form-actions.js';

interface WrittenInvitation {
  readonly commandId: string;
  readonly inviterId: string;
  readonly recipientId: string;
  /** The fields of the form. An empty one counts as absent. */
  readonly written: { readonly message: string; readonly email: string };
  /** Shows the form again, with the reason. */
  readonly onRefused: (code: OutcomeCode) => Promise<string>;
}

/** Sends an invitation that was written in a form, and leads to the list of sent invitations. */
export async function sendInvitation(
  actions: FormActions,
  reply: FastifyReply,
  { commandId, inviterId, recipientId, written, onRefused }: WrittenInvitation,
): Promise<string> {
  try {
    return await actions.execute(reply, {
      command: createCommand('invitations.send.v1', commandId, {
        inviterId,
        recipientId,
        recipientEmail: written.email || undefined,
        message: written.message || undefined,
      }),
      invitationId: invitationIdOf(inviterId, commandId),
      returnTo: '/sent',
      successNotice: 'followed-up',
      isVisible: (listing) => listing.sent !== undefined,
      onRefused,
    });
  } catch (error) {
    if (!(error instanceof InvalidDataError)) throw error;
    // A malformed address is refused like a wrong one (D4).
    return onRefused(/\brecipientEmail\b/.test(error.message) ? 'EMAIL_REQUIRED' : 'INVALID_COMMAND');
  }
}
