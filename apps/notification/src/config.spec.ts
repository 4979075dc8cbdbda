import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/platform';
import { NotificationConfig } from './config.js';

const NEEDED = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  DATABASE_URL: 'postgres://localhost/test',
  SMTP_URL: 'smtp://127.0.0.1:25',
  PUBLIC_URL: 'http://127.0.0.1:3000',
  MAIL_FROM: 'Invitations <invitations@network.example>',
  LINK_KEYS: 'k1:c2VjcmV0',
};

const load = (env: NodeJS.ProcessEnv) => loadConfig(NotificationConfig, env);

describe('NotificationConfig', () => {
  it('has defaults for the optional variables', () => {
    expect(load(NEEDED)).toMatchObject({
      INVITATION_MAIL_INTERVAL: 86_400_000,
      MAIL_MAX_AGE: 3 * 86_400_000,
      UNCLEAR_DELIVERY: 'keep',
      SMTP_CONNECTIONS: 20,
      KAFKA_GROUP: 'notification',
    });
  });

  it('accepts a sender without a name, and ISO 8601 durations', () => {
    const config = load({ ...NEEDED, MAIL_FROM: 'a@b.example', INVITATION_MAIL_INTERVAL: 'PT2S' });
    expect(config.INVITATION_MAIL_INTERVAL).toBe(2_000);
  });

  it.each(Object.keys(NEEDED))('requires %s', (name) => {
    expect(() => load({ ...NEEDED, [name]: '' })).toThrow(name);
  });

  it.each([
    ['MAIL_FROM', 'nobody'],
    ['MAIL_FROM', 'a@b.example\r\nBcc: c@d.example'],
    ['SMTP_URL', 'http://127.0.0.1'],
    ['PUBLIC_URL', 'javascript:alert(1)'],
    ['INBOX_URL', 'inbox'],
    ['UNCLEAR_DELIVERY', 'guess'],
    ['INVITATION_MAIL_INTERVAL', 'P1M'],
    ['SMTP_CONNECTIONS', '0'],
    ['MAIL_MAX_AGE', 'PT0S'],
    ['MAIL_MAX_AGE', '3'],
  ])('rejects %s=%s', (name, value) => {
    expect(() => load({ ...NEEDED, [name]: value })).toThrow(name);
  });
});
