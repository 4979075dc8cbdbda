import type { Language, MailData, MailKind } from '#libs/mail';

/** One e-mail of each kind and language, for the golden files and the preview. */
export type Samples = { readonly [Kind in MailKind]: Readonly<Record<Language, MailData[Kind]>> };

const PREFERENCES = 'https://network.example/l/k1.preferences.mac';
const LINKS = {
  networkName: 'Network',
  acceptUrl: 'https://network.example/l/k1.accept.mac',
  replyUrl: 'https://network.example/inbox/i.1/reply',
  ignoreUrl: 'https://network.example/inbox/i.1/ignore',
  inboxUrl: 'https://network.example/inbox',
  preferencesUrl: PREFERENCES,
};

const ALICE = {
  name: 'Alice Martin',
  headline: 'Structural engineer',
  profileUrl: 'https://network.example/in/alice-martin',
};
const BOB = { name: 'Bob Okafor', headline: 'Surveyor', profileUrl: 'https://network.example/in/bob' };
const LAYLA = {
  name: 'ليلى حداد',
  headline: 'مهندسة إنشائية',
  profileUrl: 'https://network.example/in/layla',
};
const SAMI = { name: 'سامي نصار', headline: 'مساح', profileUrl: 'https://network.example/in/sami' };

export const SAMPLES: Samples = {
  invitation: {
    en: { ...LINKS, inviter: ALICE, message: 'We met at the bridge congress.\nShall we keep in touch?' },
    ar: { ...LINKS, inviter: LAYLA, message: 'التقينا في مؤتمر الجسور.\nهل نبقى على تواصل؟' },
  },
  // Each reminder is from a member who writes in the other direction.
  reminder: {
    en: { ...LINKS, inviter: LAYLA },
    ar: { ...LINKS, inviter: ALICE },
  },
  acceptance: {
    en: {
      connection: { ...BOB, email: 'bob@example.com' },
      summary: { total: 1204, inCommon: 5, namesInCommon: ['Carol Diaz', 'Dan Weiss', 'ليلى حداد'] },
      preferencesUrl: PREFERENCES,
    },
    ar: {
      connection: { ...SAMI, email: 'sami@example.com' },
      summary: { total: 12, inCommon: 2, namesInCommon: ['ليلى حداد', 'Dan Weiss'] },
      preferencesUrl: PREFERENCES,
    },
  },
  // Each reply contains a line in the other direction.
  reply: {
    en: {
      replier: BOB,
      sentUrl: 'https://network.example/sent',
      message: 'Thank you! Which team are you in?\n\nأنا في فريق الجسور، في Cairo.\nBob <bob@home>',
      preferencesUrl: PREFERENCES,
    },
    ar: {
      replier: SAMI,
      sentUrl: 'https://network.example/sent',
      message: 'شكرًا على الدعوة! ما اسم فريقك؟\n\nI am with the bridge team (القاهرة).\nسامي',
      preferencesUrl: PREFERENCES,
    },
  },
};

export const KINDS = Object.keys(SAMPLES) as readonly MailKind[];
export const LANGUAGES: readonly Language[] = ['en', 'ar'];
