import { describe, expect, it } from '@jest/globals';
import type { Logger } from './logger.js';
import { checkServer, logUnusableServers, redactPassword, type ServerCheck } from './server-check.js';

const check = (probe: () => Promise<unknown>, address = 'postgres://anna:s3cret@db:5432/d'): ServerCheck => ({
  server: 'PostgreSQL at DATABASE_URL',
  address,
  probe,
});
const failing = (error: unknown) =>
  check(async () => {
    throw error;
  });
const silent = () => check(() => new Promise(() => undefined));

describe('checkServer', () => {
  it('returns when the server responds', async () => {
    await expect(checkServer(check(async () => 1))).resolves.toBeUndefined();
  });

  it('names the server, its address and the reason, without the password', async () => {
    const error = new Error('authentication failed for anna:s3cret');
    await expect(checkServer(failing(error))).rejects.toThrow(
      'PostgreSQL at DATABASE_URL (postgres://anna@db:5432/d) cannot be used: authentication failed for anna:…',
    );
  });

  it('names the failure of every address of a host name', async () => {
    const error = new AggregateError([new Error('refused ::1'), new Error('refused 127.0.0.1')]);
    await expect(checkServer(failing(error))).rejects.toThrow('refused ::1; refused 127.0.0.1');
  });

  it('distinguishes a server that does not respond in time from one that refuses', async () => {
    await expect(checkServer(silent(), 10)).rejects.toMatchObject({
      isTimeout: true,
      message: expect.stringContaining('no answer within 0.01 s'),
    });
    await expect(checkServer(failing(new Error('refused')))).rejects.toMatchObject({ isTimeout: false });
  });

  it('leaves no unhandled rejection when the probe fails after the timeout', async () => {
    const late = check(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error('too late');
    });
    await expect(checkServer(late, 5)).rejects.toThrow('no answer');
    await new Promise((resolve) => setTimeout(resolve, 30));
  });
});

describe('logUnusableServers', () => {
  it('logs an error for a server that refuses, a warning for one that does not respond, and nothing for one that responds', async () => {
    const lines: string[] = [];
    const logger = {
      error: (message: string) => lines.push(`error ${message}`),
      warn: (message: string) => lines.push(`warn ${message}`),
    } as unknown as Logger;
    const checks = [check(async () => 1), failing(new Error('refused')), silent()];
    await logUnusableServers(checks, logger, 10);
    expect(lines).toEqual([
      expect.stringMatching(/^error PostgreSQL at DATABASE_URL .* cannot be used: refused; check/),
      expect.stringMatching(/^warn PostgreSQL at DATABASE_URL .* no answer within/),
    ]);
  });
});

describe('redactPassword', () => {
  it.each([
    ['postgres://user:s3:cret@host:5432/d', 'postgres://user@host:5432/d'],
    ['postgres://user@host/d', 'postgres://user@host/d'],
    ['postgres://user:s/e@c@host/d', 'postgres://user@host/d'],
    ['postgres://host/d?user=u&password=secret&x=1', 'postgres://host/d?user=u&password=…&x=1'],
    ['esdb+discover://admin:changeit@a:2113?tls=true', 'esdb+discover://admin@a:2113?tls=true'],
    ['esdb://127.0.0.1:2113?tls=false', 'esdb://127.0.0.1:2113?tls=false'],
    ['smtps://mailer:geheim@mail.example:465', 'smtps://mailer@mail.example:465'],
    ['kafka-0:9092,kafka-1:9092', 'kafka-0:9092,kafka-1:9092'],
  ])('shows %s as %s', (address, expected) => {
    expect(redactPassword(address)).toBe(expected);
  });
});
