import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { DkimSigner } from './dkim-signer.js';
import { composeMessage } from './message.js';

const folder = mkdtempSync(join(tmpdir(), 'dkim-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keyFile = join(folder, 'dkim.key');
writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));

/** RFC 6376, 3.4.2: a header in the relaxed form. */
const relaxed = (header: string): string => {
  const colon = header.indexOf(':');
  const value = header.slice(colon + 1).replaceAll(/\r\n(?=[ \t])/g, '');
  return `${header.slice(0, colon).toLowerCase()}:${value.replaceAll(/[ \t]+/g, ' ').trim()}`;
};

/** RFC 6376, 3.4.4: a body in the relaxed form. */
const relaxedBody = (body: string): string =>
  `${body
    .replaceAll(/[ \t]+(?=\r\n)/g, '')
    .replaceAll(/[ \t]+/g, ' ')
    .replace(/(?:\r\n)*$/, '')}\r\n`;

it('signs the body and the headers, so that a receiver can verify them (RFC 6376)', async () => {
  const signer = new DkimSigner({ domain: 'network.example', selector: 's1', keyFile });
  const headers = {
    from: 'ليلى via Network <invitations@network.example>',
    to: 'bob@example.com',
    messageId: '<m@network.example>',
    listId: 'invitations.network.example',
    unsubscribeUrl: 'https://network.example/l/x',
  };
  const email = { subject: 'دعوة', text: 'Hello  \n.\n\n', html: '<p>Hello</p>' };
  const signed = (await signer.sign(composeMessage(headers, email, new Date(0)))).toString();
  const end = signed.indexOf('\r\n\r\n');
  const fields = signed.slice(0, end).split(/\r\n(?![ \t])/);
  const [signature] = fields as [string];
  expect(signature).toMatch(/^DKIM-Signature:/);
  const tag = (name: string) =>
    new RegExp(`(?:^|;)\\s*${name}=([^;]*)`).exec(signature.slice(15))![1]!.replaceAll(/\s/g, '');
  expect([tag('d'), tag('s'), tag('c')]).toEqual(['network.example', 's1', 'relaxed/relaxed']);
  const hash = createHash('sha256')
    .update(relaxedBody(signed.slice(end + 4)))
    .digest('base64');
  expect(tag('bh')).toBe(hash);
  const names = tag('h').toLowerCase().split(':');
  for (const name of ['from', 'to', 'subject', 'list-unsubscribe', 'list-unsubscribe-post'])
    expect(names).toContain(name);
  const signedFields = names.flatMap((name) => {
    const field = fields.findLast((one) => one.toLowerCase().startsWith(`${name}:`));
    return field === undefined ? [] : [relaxed(field)];
  });
  const unsigned = relaxed(signature.replace(/(;\s*b=)[^;]*$/, '$1')).trimEnd();
  const content = [...signedFields, unsigned].join('\r\n');
  expect(verify('sha256', Buffer.from(content), publicKey, Buffer.from(tag('b'), 'base64'))).toBe(true);
});

it('is not created from a file without a private key', () => {
  const file = join(folder, 'public.pem');
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }));
  expect(() => new DkimSigner({ domain: 'd.example', selector: 's', keyFile: file })).toThrow(
    'SMTP_DKIM_KEY_FILE',
  );
});
