import { describe, expect, it } from '@jest/globals';
import { IsNotEmpty, IsString } from 'class-validator';
import { ConfigError, loadConfig } from './config.js';
import { NoConfig, WithHealthPort } from './config-mixins.js';
import { IsDuration } from './durations.js';

class Example extends WithHealthPort(NoConfig, 8081) {
  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;

  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS: string;

  @IsDuration()
  INTERVAL = 60_000;
}

const COMPLETE = { DATABASE_URL: 'postgres://host/db', KAFKA_BROKERS: 'host:9092' };

function messageOf(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(Example, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the environment was taken');
}

describe('loadConfig', () => {
  it('uses defaults for unset variables, and ignores unknown ones', () => {
    const config = loadConfig(Example, { ...COMPLETE, HOME: '/root' });
    expect(config).toBeInstanceOf(Example);
    expect(Object.entries(config)).toEqual(
      Object.entries({ HOST: '0.0.0.0', HEALTH_PORT: 8081, ...COMPLETE, INTERVAL: 60_000 }),
    );
  });

  it('converts text to the type of the property', () => {
    const config = loadConfig(Example, { ...COMPLETE, HEALTH_PORT: '0', INTERVAL: 'PT5S' });
    expect(config).toMatchObject({ HEALTH_PORT: 0, INTERVAL: 5_000 });
  });

  it.each(['', ' ', '\t'])('counts %j as unset', (blank) => {
    expect(loadConfig(Example, { ...COMPLETE, HEALTH_PORT: blank, INTERVAL: blank })).toMatchObject({
      HEALTH_PORT: 8081,
      INTERVAL: 60_000,
    });
    expect(messageOf({ ...COMPLETE, DATABASE_URL: blank })).toContain('DATABASE_URL');
  });

  it('names every missing or invalid variable once, and no value', () => {
    const message = messageOf({
      KAFKA_BROKERS: 'secret-host:9092',
      HEALTH_PORT: 'secret-port',
      INTERVAL: 'P1Y',
    });
    for (const name of ['DATABASE_URL', 'HEALTH_PORT', 'INTERVAL'])
      expect(message.split(name)).toHaveLength(2);
    expect(message).not.toContain('KAFKA_BROKERS');
    expect(message).not.toMatch(/secret|P1Y|\n/);
  });

  it('refuses in production to start with a variable that keeps Node from verifying any server', () => {
    const env = { ...COMPLETE, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    expect(messageOf({ ...env, NODE_ENV: 'production' })).toBe(
      'invalid configuration: NODE_TLS_REJECT_UNAUTHORIZED does not verify servers, which only development allows: unset it',
    );
    expect(() => loadConfig(Example, env)).not.toThrow();
  });

  it.each(['65536', '1e9', '8081.5', '-1', 'NaN', 'Infinity', '1e999'])(
    'rejects %s as a port',
    (HEALTH_PORT) => {
      expect(messageOf({ ...COMPLETE, HEALTH_PORT })).toContain('HEALTH_PORT must be a port');
    },
  );
});
