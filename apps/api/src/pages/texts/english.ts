import { isolate } from './bidi-isolation.js';
import { createPhrases } from './phrases.js';
import type { Texts } from './texts.js';

/** Dates have the day first, which no reader takes for the month because its name is written out. */
const { date, ago, count, plural } = createPhrases('en', 'en-GB');

const RESTRICTED = 'You can’t send invitations at the moment.';

const NO_LONGER_OPEN = 'This invitation is no longer open.';

const connected = (name: string | undefined) =>
  name === undefined ? 'You’re now connected' : `You and ${isolate(name)} are now connected`;

export const ENGLISH: Texts = {
  lang: 'en',
  dir: 'ltr',
  languageName: 'English',
  languages: 'Language',
  date,
  ago,
  count,
  skipToContent: 'Skip to content',
  pages: 'Invitations',
  signOut: 'Sign out',
  signedOut: 'You’re signed out',
  signedOutText: 'Sign in again to see your invitations.',

  inbox: 'Inbox',
  inboxTitle: 'Invitations waiting for you',
  inboxIsEmpty: 'You’re all caught up. New invitations appear here.',
  archive: 'Archive',
  archiveTitle: 'Ignored invitations',
  archiveIsEmpty: 'Nothing here. Invitations you ignore are kept here, and nobody is told.',
  sentList: 'Sent',
  sentTitle: 'Sent invitations',
  sentIsEmpty: 'You haven’t sent any invitations yet.',
  connections: 'Connections',
  connectionsTitle: 'Your connections',
  connectionsIsEmpty: 'No connections yet. They appear here when an invitation is accepted.',
  connectedSince: 'Connected',
  isConnected: 'You’re connected.',
  older: 'Older',
  newest: 'Newest',
  showAll: 'Show all',
  search: 'Search',
  searchLabel: 'Search by name or message',
  nothingFound: 'Nothing found.',
  toInbox: 'Go to your inbox',
  toArchive: 'Go to your archive',
  toSent: 'Go to your sent invitations',
  waiting: (waiting) => plural(waiting, { one: '# invitation waiting', other: '# invitations waiting' }),
  newInvitations: (fresh) => plural(fresh, { one: '# new invitation', other: '# new invitations' }),
  show: 'Show',

  received: 'Received',
  sentOn: 'Sent',
  followedUpOn: 'Followed up',
  profileOf: (name) => `View ${isolate(name)}’s profile`,
  inCommon: (shared) => plural(shared, { one: '# connection in common', other: '# connections in common' }),
  accept: 'Accept',
  acceptFrom: (name) => `Accept the invitation from ${isolate(name)}`,
  restore: 'Move back to inbox',
  restoreFrom: (name) => `Move back to inbox: the invitation from ${isolate(name)}`,
  undoIgnoring: (name) => `Undo ignoring the invitation from ${isolate(name)}`,
  undo: 'Undo',
  ignore: 'Ignore',
  ignoreFrom: (name) => `Ignore the invitation from ${isolate(name)}`,
  ignoreText: (name) =>
    `Ignored invitations are kept in your archive, where you can still answer them. ${isolate(name)} isn’t told.`,
  reply: 'Reply',
  replyTo: (name) => `Reply to ${isolate(name)}`,
  replyText: 'Your message',
  replyHint: 'Replying doesn’t accept the invitation. You can still accept later. Up to 2,000 characters.',
  sendReply: 'Send reply',
  haveReplied: 'You replied. You can still accept.',
  dontKnow: (name) => `I don’t know ${isolate(name)}`,
  dontKnowAdvice:
    'Use this only if you really don’t recognise this person. They won’t be able to invite you again, it may count against their account, and they won’t be told.',
  dontKnowConfirm: (name) => `Yes, I don’t know ${isolate(name)}`,

  status: {
    pending: 'No answer yet',
    replied: 'Replied',
    accepted: 'Accepted',
    withdrawn: 'Withdrawn',
    expired: 'Expired',
    superseded: 'Followed up',
  },
  earlier: (invitations) =>
    plural(invitations, { one: '# earlier invitation', other: '# earlier invitations' }),
  replyFrom: (name) => `Reply from ${isolate(name)}:`,
  withdraw: 'Withdraw',
  withdrawFrom: (name) => `Withdraw the invitation to ${isolate(name)}`,
  withdrawText: (name) =>
    `We won’t tell ${isolate(name)}. To invite them again, you’ll need their e-mail address, and this invitation still counts as sent.`,
  withdrawConfirm: (name) => `Yes, withdraw the invitation to ${isolate(name)}`,
  followUp: 'Follow up',
  followUpWith: (name) => `Follow up with ${isolate(name)}`,
  hasInvited: (name) => `You’ve invited ${isolate(name)} to connect`,
  invite: 'Invite',
  inviteMember: (name) => `Invite ${isolate(name)} to connect`,
  inviteAgain: 'Invite again',
  inviteAgainTo: (name) => `Invite again: ${isolate(name)}`,
  followUpText: 'This replaces your earlier invitation if it is still open.',
  followUpMessage: 'Message (optional)',
  followUpHint: 'Up to 300 characters.',
  followUpEmail: 'Their e-mail address',
  followUpEmailHint: 'You withdrew an earlier invitation, so we need their address.',
  sendFollowUp: 'Send invitation',
  cancel: 'Cancel',

  done: {
    accepted: connected,
    replied: (name) => (name === undefined ? 'Reply sent' : `Reply sent to ${isolate(name)}`),
    ignored: (name) =>
      name === undefined
        ? 'Moved to your archive. Nobody is told.'
        : `Moved to your archive. ${isolate(name)} isn’t told.`,
    restored: (name) =>
      name === undefined
        ? 'Moved back to your inbox. Nobody is told.'
        : `Moved back to your inbox. ${isolate(name)} isn’t told.`,
    declined: (name) =>
      name === undefined
        ? 'Invitation removed'
        : `Invitation removed. ${isolate(name)} can no longer invite you.`,
    withdrawn: (name) =>
      name === undefined ? 'Invitation withdrawn' : `Invitation to ${isolate(name)} withdrawn`,
    'followed-up': (name) => (name === undefined ? 'Invitation sent' : `Invitation sent to ${isolate(name)}`),
    saved: () => 'Settings saved',
  },
  refused: {
    INVALID_COMMAND: 'Please check what you entered and try again.',
    LIMIT_REACHED: 'You can’t send any more invitations from this account.',
    ACCOUNT_RESTRICTED: `${RESTRICTED} Contact support.`,
    ALREADY_CONNECTED: 'You’re already connected.',
    EMAIL_REQUIRED:
      'Enter the address this person is registered with. If you just entered one, it isn’t that one.',
    RECIPIENT_UNAVAILABLE: 'This person can’t be invited.',
    NOT_FOUND: NO_LONGER_OPEN,
    NOT_YOURS: NO_LONGER_OPEN,
    NOT_OPEN: NO_LONGER_OPEN,
    ALREADY_ANSWERED: 'This invitation has already been answered.',
    NOT_IGNORED: 'Ignore the invitation first.',
    TOO_SOON: 'You invited this person only recently. Please try again later.',
  },
  notSent: 'Your message wasn’t sent:',
  replyNeeded: 'Write a message first.',
  tooLong: (limit, over) => `Shorten it to ${count(limit)} characters. Characters over the limit: ${over}`,
  charactersLeft: 'Characters left: #',
  charactersOver: 'Characters over the limit: #',
  tryAgain: 'We couldn’t reach the server. Nothing is lost; try again in a minute.',
  restricted: RESTRICTED,
  support: 'Contact support',

  wantsToConnect: (name) => `${isolate(name)} would like to connect with you`,
  connected,
  otherAnswers: 'Or, after signing in:',
  notOpen: 'This link no longer works',
  notOpenText:
    'It may have been used or replaced, or it may have expired. If you’ve already answered, you’re done. Open invitations are in your inbox.',
  underWay: 'This is taking longer than usual',
  underWayText: 'We’re still working on it. There’s no need to do it again.',
  lookAgain: 'Check again',
  linkOf: (name, address) =>
    address === undefined ? `For ${isolate(name)}` : `For ${isolate(name)} (${isolate(address)})`,

  preferencesPage: 'E-mail settings',
  preferences: 'E-mails about invitations',
  preference: {
    all: 'Send me e-mails about invitations',
    invitations: 'When someone invites me',
    reminders: 'Reminders about invitations I haven’t answered',
    acceptances: 'When someone accepts my invitation',
    replies: 'When someone replies to my invitation',
  },
  kindsOfEmail: 'Which ones',
  save: 'Save',
  unsubscribe: {
    all: 'Stop all e-mails about invitations?',
    invitations: 'Stop e-mails about new invitations?',
    reminders: 'Stop reminders about invitations?',
    acceptances: 'Stop e-mails about accepted invitations?',
    replies: 'Stop e-mails about replies to your invitations?',
  },
  unsubscribeText: 'Invitations still appear in your inbox on the site.',
  stop: 'Stop these e-mails',
  stopped: {
    all: 'You won’t get e-mails about invitations any more',
    invitations: 'You won’t get e-mails about new invitations any more',
    reminders: 'You won’t get reminders about invitations any more',
    acceptances: 'You won’t get e-mails about accepted invitations any more',
    replies: 'You won’t get e-mails about replies any more',
  },
  resume: 'Undo: send them again',
  resumed: 'You’ll get these e-mails again',
  otherPreferences: 'All e-mail settings',

  signIn: 'Please sign in',
  signInText: 'You need to sign in to see this page.',
  toSignIn: 'Go to sign in',
  otherAccount: 'Switch account',
  notFound: 'Page not found',
  notFoundText: 'It may have moved, or you may not have access to it.',
  laterText: 'Something isn’t working at the moment. Please try again in a minute.',
  tooManyText: 'Too many requests. Please try again in a minute.',
  failed: 'Something went wrong',
  failedText: 'Go back to your inbox and try again.',
};
