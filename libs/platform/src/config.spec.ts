import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsInt, IsNotEmpty, IsString, Min } from 'class-validator';
import { ConfigError, loadConfig } from './config.js';
import { IsDuration } from './duration.js';

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

describe('configuration', () => {
  it('takes defaults for what is not given, and nothing that it does not know', () => {
    const config = loadConfig(Example, { ...COMPLETE, HOME: '/root' });
    expect(config).toBeInstanceOf(Example);
    expect(Object.entries(config)).toEqual(Object.entries({ ...COMPLETE, PORT: 8081, INTERVAL: 60_000 }));
  });

  it('turns text into what the property is', () => {
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

  it('names every variable that is missing or wrong, once, and shows no value', () => {
    const message = messageOf({ KAFKA_BROKERS: 'secret-host:9092', PORT: 'secret-port', INTERVAL: 'P1Y' });
    for (const name of ['DATABASE_URL', 'PORT', 'INTERVAL']) expect(message.split(name)).toHaveLength(2);
    expect(message).not.toContain('KAFKA_BROKERS');
    expect(message).not.toMatch(/secret|P1Y|\n/);
  });

  it.each(['8081.5', '-1', 'NaN', 'Infinity', '1e999'])('refuses %s as a port', (PORT) => {
    expect(messageOf({ ...COMPLETE, PORT })).toContain('PORT');
  });
});
