import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { renderEmail, type Email, type MailData, type MailKind } from './render-email.js';

const PREFERENCES = 'https://network.example/preferences';
const INVITATION = {
  acceptUrl: 'https://network.example/l/k1.payload.mac',
  inboxUrl: 'https://network.example/inbox',
  preferencesUrl: PREFERENCES,
};

const SAMPLES: { readonly [Kind in MailKind]: { readonly en: MailData[Kind]; readonly ar: MailData[Kind] } } =
  {
    invitation: {
      en: {
        ...INVITATION,
        inviter: {
          name: 'Alice Martin',
          headline: 'Structural engineer',
          profileUrl: 'https://network.example/in/alice-martin',
        },
        message: 'We met at the bridge congress.\nShall we keep in touch?',
      },
      ar: {
        ...INVITATION,
        inviter: {
          name: 'ليلى حداد',
          headline: 'مهندسة إنشائية',
          profileUrl: 'https://network.example/in/layla',
        },
        message: 'التقينا في مؤتمر الجسور.\nهل نبقى على تواصل؟',
      },
    },
    acceptance: {
      en: {
        connection: {
          name: 'Bob Okafor',
          headline: 'Surveyor',
          profileUrl: 'https://network.example/in/bob',
          email: 'bob@example.com',
        },
        summary: { total: 1204, inCommon: 5, namesInCommon: ['Carol Diaz', 'Dan Weiss', 'ليلى حداد'] },
        preferencesUrl: PREFERENCES,
      },
      ar: {
        connection: {
          name: 'سامي نصار',
          headline: 'مساح',
          profileUrl: 'https://network.example/in/sami',
          email: 'sami@example.com',
        },
        summary: { total: 12, inCommon: 2, namesInCommon: ['ليلى حداد', 'Dan Weiss'] },
        preferencesUrl: PREFERENCES,
      },
    },
  };

/** With UPDATE_GOLDENS=1 the files are written anew; what changed is then read in the diff. */
function golden(name: string, email: Email): string {
  const file = fileURLToPath(new URL(`../../goldens/${name}.golden`, import.meta.url));
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, shown(email));
  return readFileSync(file, 'utf8');
}

const shown = ({ subject, text, html }: Email): string =>
  `Subject: ${subject}\n\n${text}\n${html.replaceAll('><', '>\n<')}\n`;

describe.each(['en', 'ar'] as const)('e-mails in %s (D14)', (language) => {
  it.each(['invitation', 'acceptance'] as const)('%s is as its golden file', (kind) => {
    const email = renderEmail(kind, SAMPLES[kind][language], language);
    expect(shown(email)).toBe(golden(`${kind}.${language}`, email));
  });
});
