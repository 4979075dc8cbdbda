import { describe, expect, it } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { formatMemberSender, composeMessage } from './message.js';

const FROM = 'Network <invitations@network.example>';

describe('formatMemberSender', () => {
  it.each([
    [FROM, 'Elena Kowalski', 'My Network', 'en', 'Elena Kowalski via My Network'],
    [FROM, 'Elena Kowalski', undefined, 'en', 'Elena Kowalski via Network'],
    ['"The, Network" <a@network.example>', 'Ann', undefined, 'en', 'Ann via The, Network'],
    [FROM, 'ليلى حداد', 'الشبكة', 'ar', 'ليلى حداد عبر الشبكة'],
    [FROM, 'Ann\r\nBcc: x', 'N', 'en', 'Ann Bcc: x via N'],
    [FROM, 'A\u202enn', 'N', 'en', 'Ann via N'],
  ] as const)('names the member: %s, %s, %s, %s', async (from, name, network, language, shown) => {
    const sender = formatMemberSender(from, name, network, language);
    const headers = {
      from: sender,
      to: 'a@b.example',
      messageId: '<m@b.example>',
      unsubscribeUrl: 'https://b.example',
    };
    const email = { subject: 's', text: 't', html: 'h' };
    const { from: parsed } = await simpleParser(composeMessage(headers, email, new Date(0)));
    expect(parsed?.value).toEqual([{ name: shown, address: /<(.*)>/.exec(from)![1] }]);
  });

  it.each(['support@bank.example', 'Bank <x>', '\u202e', ''])(
    'leaves the sender as it is for the name %j, which could be taken for an address or is invisible',
    (name) => {
      expect(formatMemberSender(FROM, name, 'N', 'en')).toBe(FROM);
    },
  );

  it('leaves an address without a network as it is', () => {
    expect(formatMemberSender('a@network.example', 'Ann', undefined, 'en')).toBe('a@network.example');
  });
});
