import { isolate } from './bidi-isolation.js';
import type { Texts } from './texts.js';

const dates = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' });

const NO_LONGER_OPEN = 'This invitation is no longer open.';

const you = (name: string | undefined) => (name === undefined ? 'You' : `You and ${isolate(name)}`);

export const ENGLISH: Texts = {
  lang: 'en',
  dir: 'ltr',
  languageName: 'English',
  languages: 'Language',
  date: (at) => dates.format(at),
  skipToContent: 'Skip to the content',
  pages: 'Invitations',

  inbox: 'Inbox',
  inboxTitle: 'Invitations that wait for your answer',
  inboxIsEmpty: 'No invitation is waiting for you.',
  archive: 'Archive',
  archiveTitle: 'Invitations that you have ignored',
  archiveIsEmpty: 'You have ignored no invitation that is still open.',
  sentList: 'Sent',
  sentTitle: 'Invitations that you have sent',
  sentIsEmpty: 'You have sent no invitation.',
  older: 'Older invitations',
  newest: 'Newest invitations',
  toInbox: 'Go to your inbox',

  sentOn: 'Sent on',
  profileOf: (name) => `See the profile of ${isolate(name)}`,
  accept: 'Accept',
  acceptFrom: (name) => `Accept the invitation from ${isolate(name)}`,
  ignore: 'Ignore',
  ignoreFrom: (name) => `Ignore the invitation from ${isolate(name)}`,
  reply: 'Reply',
  replyTo: (name) => `Reply to ${isolate(name)}`,
  replyText: 'Your message',
  replyHint: 'A reply is not an acceptance. You can still accept later. At most 2,000 characters.',
  sendReply: 'Send the reply',
  haveReplied: 'You have replied. You can still accept.',
  dontKnow: (name) => `I don’t know ${isolate(name)}`,
  dontKnowAdvice:
    'Say so only if you truly do not recognise who invites you. That person can then not invite you again. They are not told.',
  dontKnowConfirm: (name) => `Yes, I don’t know ${isolate(name)}`,

  status: {
    pending: 'No answer yet',
    replied: 'Replied',
    accepted: 'Accepted',
    withdrawn: 'Withdrawn',
  },
  replyFrom: (name) => `Reply from ${isolate(name)}:`,
  withdraw: 'Withdraw',
  withdrawFrom: (name) => `Withdraw the invitation to ${isolate(name)}`,
  withdrawText: 'Nobody is told. To invite this person again, you will need their e-mail address.',
  withdrawConfirm: (name) => `Yes, withdraw the invitation to ${isolate(name)}`,
  followUp: 'Follow up',
  followUpWith: (name) => `Follow up with ${isolate(name)}`,
  followUpText: 'A new invitation takes the place of an open one.',
  followUpMessage: 'Message (optional)',
  followUpHint: 'At most 300 characters.',
  followUpEmail: 'Their e-mail address',
  followUpEmailHint: 'It is needed because you withdrew an invitation to this person.',
  sendFollowUp: 'Send the invitation',
  cancel: 'Cancel',

  done: {
    accepted: (name) => `${you(name)} are now connected`,
    replied: (name) =>
      name === undefined ? 'Your reply has been sent' : `Your reply to ${isolate(name)} has been sent`,
    ignored: (name) =>
      name === undefined
        ? 'The invitation is now in your archive'
        : `The invitation from ${isolate(name)} is now in your archive`,
    declined: (name) =>
      name === undefined
        ? 'The invitation has been removed'
        : `The invitation from ${isolate(name)} has been removed`,
    withdrawn: (name) =>
      name === undefined
        ? 'The invitation has been withdrawn'
        : `The invitation to ${isolate(name)} has been withdrawn`,
    'followed-up': (name) =>
      name === undefined
        ? 'The invitation has been sent'
        : `The invitation to ${isolate(name)} has been sent`,
    saved: () => 'Your choice has been saved',
  },
  refused: {
    INVALID_COMMAND: 'Something in it is not as it should be. Please look it over and try again.',
    LIMIT_REACHED: 'You have sent as many invitations as your account can send.',
    ACCOUNT_RESTRICTED: 'Your account cannot send invitations at the moment. Support can tell you more.',
    ALREADY_CONNECTED: 'The two of you are connected already.',
    EMAIL_REQUIRED: 'Please enter the e-mail address of this person, the one under which they are a member.',
    RECIPIENT_UNAVAILABLE: 'This person cannot be invited.',
    NOT_FOUND: NO_LONGER_OPEN,
    NOT_YOURS: NO_LONGER_OPEN,
    NOT_OPEN: NO_LONGER_OPEN,
    ALREADY_ANSWERED: 'This invitation has already been answered.',
    NOT_IGNORED: 'This is offered only for invitations that you have ignored.',
    TOO_SOON: 'Your last invitation to this person was not long ago. Please try again later.',
  },
  replyNeeded: 'Please write a message of 1 to 2,000 characters.',
  charactersLeft: 'Characters left:',
  tryAgain: 'That did not reach us. Nothing is lost: please try again in a minute.',

  wantsToConnect: (name) => `${isolate(name)} would like to connect with you`,
  connected: (name) => `${you(name)} are now connected`,
  notOpen: 'This is no longer open',
  notOpenText:
    'The link is not, or no longer, good for anything. If you have answered, there is nothing left to do. What waits for your answer is in your inbox.',
  underWay: 'Your answer is on its way',
  underWayText: 'It is taking longer than usual. There is no need to answer again.',
  lookAgain: 'See what became of it',

  preferencesPage: 'E-mails',
  preferences: 'E-mails about invitations',
  preference: {
    all: 'Send me e-mails about invitations',
    invitations: 'When somebody invites me',
    reminders: 'Reminders of invitations that wait for my answer',
    acceptances: 'When somebody accepts my invitation',
    replies: 'When somebody replies to my invitation',
  },
  save: 'Save',
  unsubscribe: 'Do you want fewer e-mails?',
  unsubscribeText: 'We will no longer send you e-mails like the one that led you here.',
  stop: 'Stop these e-mails',
  stopped: 'You will no longer get these e-mails',

  signIn: 'Please sign in',
  signInText: 'You need to sign in to see this page.',
  toSignIn: 'Go to sign in',
  otherAccount: 'Sign in as somebody else',
  notFound: 'There is no such page',
  laterText: 'Something is not working at the moment. Please try again in a minute.',
  tooManyText: 'That was a lot in a short time. Please try again in a minute.',
  failed: 'That did not work',
  failedText: 'Please go back and try again.',
};
