import { RemindRecipientData, serviceCommandId, type CommandMessage } from '#libs/contracts';
import type { ClaimedReminder } from '#libs/read-models';

/**
 * The command behind a claim. Each claim has an id of its own, for a refusal stands for ever (D10): one that came
 * too soon, by a clock that is behind the database's, must not decide about the next. Reminding twice is what the decision
 * itself rules out, by the ordinal.
 */
export function remindCommand({ invitationId, ordinal, askedAt }: ClaimedReminder): CommandMessage {
  return {
    type: 'invitations.remind.v1',
    commandId: serviceCommandId(`reminder ${ordinal} of ${invitationId}, asked for at ${askedAt}`),
    data: Object.assign(new RemindRecipientData(), { invitationId, ordinal }),
  };
}
