import { describe, expect, it } from '@jest/globals';
import { readExternalServers } from './external-servers.js';

describe('readExternalServers', () => {
  it('returns the servers whose addresses are in the environment', () => {
    expect(readExternalServers({ KAFKA_BROKERS: 'a:1,b:2', DATABASE_URL: '', PATH: '/bin' })).toEqual({
      kafka: 'a:1,b:2',
    });
    expect(
      readExternalServers({
        EVENTSTORE_URL: 'esdb://e:2113',
        EVENTSTORE_USERNAME: 'u',
        COMMAND__EVENTSTORE_USERNAME: 'c',
        EVENTSTORE_CA_FILE: '',
        DATABASE_URL: 'postgres://p/d',
        SMTP_URL: 'smtp://m:25',
        MAIL_URL: 'http://m:80',
      }),
    ).toEqual({
      eventStore: {
        command: { EVENTSTORE_URL: 'esdb://e:2113', EVENTSTORE_USERNAME: 'c' },
        projector: { EVENTSTORE_URL: 'esdb://e:2113', EVENTSTORE_USERNAME: 'u' },
      },
      postgres: 'postgres://p/d',
      mail: { smtp: 'smtp://m:25', page: 'http://m:80' },
    });
  });

  it('requires MAIL_URL with SMTP_URL', () => {
    expect(() => readExternalServers({ SMTP_URL: 'smtp://m:25' })).toThrow('MAIL_URL');
  });
});
