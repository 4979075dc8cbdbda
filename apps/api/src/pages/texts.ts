import type { PREFERENCES } from '../preferences/email-preferences.js';

/** All that the pages say in one language. */
export interface Texts {
  /** BCP 47. */
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  readonly date: (at: Date) => string;
  readonly wantsToConnect: (name: string) => string;
  readonly accept: string;
  readonly acceptFrom: (name: string) => string;
  readonly profileOf: (name: string) => string;
  readonly sent: string;
  readonly connected: (name: string) => string;
  readonly notOpen: string;
  readonly notOpenText: string;
  readonly underWay: string;
  readonly underWayText: string;
  readonly lookAgain: string;
  readonly inbox: string;
  readonly inboxIsEmpty: string;
  readonly toInbox: string;
  readonly older: string;
  readonly preferences: string;
  readonly preference: Readonly<Record<(typeof PREFERENCES)[number], string>>;
  readonly save: string;
  readonly saved: string;
  readonly unsubscribe: string;
  readonly unsubscribeText: string;
  readonly stop: string;
  readonly stopped: string;
  readonly signIn: string;
  readonly signInText: string;
  readonly notFound: string;
  readonly laterText: string;
  readonly failed: string;
  readonly failedText: string;
}

const dates = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' });

export const ENGLISH: Texts = {
  lang: 'en',
  dir: 'ltr',
  date: (at) => dates.format(at),
  wantsToConnect: (name) => `${name} would like to connect with you`,
  accept: 'Accept',
  acceptFrom: (name) => `Accept the invitation from ${name}`,
  profileOf: (name) => `See the profile of ${name}`,
  sent: 'Sent on',
  connected: (name) => `You and ${name} are now connected`,
  notOpen: 'This is no longer open',
  notOpenText:
    'The link is not, or no longer, good for anything. What waits for your answer is in your inbox.',
  underWay: 'Your answer is on its way',
  underWayText: 'It is taking longer than usual. There is no need to answer again.',
  lookAgain: 'See what became of it',
  inbox: 'Invitations that wait for your answer',
  inboxIsEmpty: 'No invitation is waiting for you.',
  toInbox: 'Go to your inbox',
  older: 'Older invitations',
  preferences: 'E-mails about invitations',
  preference: {
    all: 'Send me e-mails about invitations',
    invitations: 'When somebody invites me',
    reminders: 'Reminders of invitations that wait for my answer',
    acceptances: 'When somebody accepts my invitation',
    replies: 'When somebody replies to my invitation',
  },
  save: 'Save',
  saved: 'Your choice has been saved',
  unsubscribe: 'Do you want fewer e-mails?',
  unsubscribeText: 'We will no longer send you e-mails like the one that led you here.',
  stop: 'Stop these e-mails',
  stopped: 'You will no longer get these e-mails',
  signIn: 'Please sign in',
  signInText: 'You need to sign in to see this page.',
  notFound: 'There is no such page',
  laterText: 'Something is not working at the moment. Please try again in a minute.',
  failed: 'That did not work',
  failedText: 'Please go back and try again.',
};
