import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsString, Min } from 'class-validator';
import { ConfigError, IsDuration, loadConfig, parseDurationMs } from './config.js';

class Example {
  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;

  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS: string;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  PORT = 8081;

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
    expect(Object.entries(config)).toEqual(Object.entries({ ...COMPLETE, PORT: 8081, INTERVAL: 60_000 }));
  });

  it('converts text to the type of the property', () => {
    const config = loadConfig(Example, { ...COMPLETE, PORT: '0', INTERVAL: 'PT5S' });
    expect(config).toMatchObject({ PORT: 0, INTERVAL: 5_000 });
  });

  it.each(['', ' ', '\t'])('counts %j as unset', (blank) => {
    expect(loadConfig(Example, { ...COMPLETE, PORT: blank, INTERVAL: blank })).toMatchObject({
      PORT: 8081,
      INTERVAL: 60_000,
    });
    expect(messageOf({ ...COMPLETE, DATABASE_URL: blank })).toContain('DATABASE_URL');
  });

  it('names every missing or invalid variable once, and no value', () => {
    const message = messageOf({ KAFKA_BROKERS: 'secret-host:9092', PORT: 'secret-port', INTERVAL: 'P1Y' });
    for (const name of ['DATABASE_URL', 'PORT', 'INTERVAL']) expect(message.split(name)).toHaveLength(2);
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

  it.each(['8081.5', '-1', 'NaN', 'Infinity', '1e999'])('rejects %s as a port', (PORT) => {
    expect(messageOf({ ...COMPLETE, PORT })).toContain('PORT');
  });
});

const HOUR = 3_600_000;

describe('parseDurationMs', () => {
  it.each([
    ['P7D', 7 * 24 * HOUR],
    ['P2W', 14 * 24 * HOUR],
    ['PT5S', 5_000],
    ['PT0.25S', 250],
    ['P1DT12H', 36 * HOUR],
    ['PT0S', 0],
  ])('converts %s to %d ms', (iso, ms) => {
    expect(parseDurationMs(iso)).toBe(ms);
  });

  it.each([
    'P1M',
    'P1Y',
    'P1Y7D',
    '-P7D',
    'P-7D',
    'PT1H-30M',
    'P',
    'PT',
    '',
    '7',
    '7d',
    'p7d',
    ' P7D',
    'P7D;',
  ])('rejects %j', (iso) => {
    expect(() => parseDurationMs(iso)).toThrow(RangeError);
  });
});
