import type { MailKind } from '#libs/mail';
import { PREFERENCE_OF, type Reason } from '../deliveries/delivery.js';

/** What a reason means, with the number of the rule or decision that it comes from; some come from none. */
export interface Explained {
  readonly rule?: string;
  readonly words: string;
}

const WORDS: Readonly<Record<Exclude<Reason, 'PREFERENCE' | 'SUPERSEDED'>, Explained>> = {
  MEMBER_UNKNOWN: { rule: 'D13', words: 'the profile service has not told of both members' },
  TOO_SOON: {
    rule: 'R9',
    words:
      'within INVITATION_MAIL_INTERVAL of another from the same inviter: it waits in the inbox without a mail',
  },
  ANSWERED: { rule: 'D6', words: 'the invitation had been answered' },
  EXPIRED: { rule: 'D6', words: 'it could not be sent before it was no longer valid' },
  ADDRESS_BOUNCED: { words: 'mail to this address has bounced, or an operator has suppressed it' },
  NO_MAILBOX: { words: 'the server says that there is no such mailbox: the address is suppressed' },
  REFUSED: { words: 'the server refuses it for good' },
  TRY_AGAIN_LATER: { words: 'the server says: later' },
  UNREACHABLE: { words: 'no server could be asked' },
  CONNECTION_LOST: {
    words: 'the connection was lost after the text began: accepted or not, nobody can tell',
  },
  CLAIM_RAN_OUT: { words: 'the process that was about it has died' },
  GIVEN_BACK: { words: 'the process that was about it has stopped' },
  RESEND: { words: 'an operator has asked for it to be sent again' },
  NOT_PREPARED: { words: 'it could not be written: see the log' },
};

/** R8 governs what a recipient gets, R13 what an inviter hears of acceptances. */
const PREFERENCE_RULE: Readonly<Record<MailKind, string>> = {
  invitation: 'R8',
  reminder: 'R8',
  acceptance: 'R13',
  reply: 'D13',
};

export function explain(reason: Reason, kind: MailKind): Explained {
  if (reason === 'PREFERENCE') {
    return { rule: PREFERENCE_RULE[kind], words: `the member wants no e-mail about ${PREFERENCE_OF[kind]}` };
  }
  if (reason === 'SUPERSEDED') {
    return { rule: kind === 'reminder' ? 'D6' : 'D2', words: 'a follow-up has taken its place' };
  }
  return WORDS[reason];
}
