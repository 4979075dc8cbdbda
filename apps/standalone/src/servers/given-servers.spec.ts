import { describe, expect, it } from '@jest/globals';
import { givenServers, shown } from './given-servers.js';

describe('servers that are given', () => {
  it('are those whose address the environment has', () => {
    expect(givenServers({ KAFKA_BROKERS: 'a:1,b:2', DATABASE_URL: '', PATH: '/bin' })).toEqual({
      kafka: 'a:1,b:2',
    });
    expect(
      givenServers({
        EVENTSTORE_URL: 'esdb://e:2113',
        DATABASE_URL: 'postgres://p/d',
        SMTP_URL: 'smtp://m:25',
        MAIL_URL: 'http://m:80',
      }),
    ).toEqual({
      eventStore: 'esdb://e:2113',
      postgres: 'postgres://p/d',
      mail: { smtp: 'smtp://m:25', page: 'http://m:80' },
    });
  });

  it('take no mail to where nobody can look at it', () => {
    expect(() => givenServers({ SMTP_URL: 'smtp://m:25' })).toThrow('MAIL_URL');
  });

  it.each([
    ['postgres://user:s3:cret@host:5432/d', 'postgres://user@host:5432/d'],
    ['postgres://user@host/d', 'postgres://user@host/d'],
    ['esdb+discover://admin:changeit@a:2113?tls=true', 'esdb+discover://admin@a:2113?tls=true'],
    ['esdb://127.0.0.1:2113?tls=false', 'esdb://127.0.0.1:2113?tls=false'],
  ])('%s is shown without its password', (address, expected) => {
    expect(shown(address)).toBe(expected);
  });
});
