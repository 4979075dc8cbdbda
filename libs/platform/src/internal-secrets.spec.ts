import { IsOptional, IsString } from 'class-validator';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from './config.js';
import { internalAuthorizationHeader, IsInternalSecrets, isInternalRequest } from './internal-secrets.js';

const [OLD, NEW] = ['o'.repeat(32), `new+/_~-.${'n'.repeat(32)}==`];

class Config {
  @IsOptional()
  @IsString()
  NODE_ENV?: string;

  @IsInternalSecrets()
  INTERNAL_SECRETS?: string;
}

describe('IsInternalSecrets', () => {
  it.each([
    ['one', OLD],
    ['several', `${NEW}, ${OLD}`],
  ])('may be %s', (_, value) => {
    expect(loadConfig(Config, { NODE_ENV: 'production', INTERNAL_SECRETS: value }).INTERNAL_SECRETS).toBe(
      value,
    );
  });

  it.each([
    ['too short', 'x'.repeat(31)],
    ['an empty one', `${OLD},`],
    ['a space in one', `${'x'.repeat(20)} ${'x'.repeat(20)}`],
    ['a line end in one', `${OLD}\r\nx`],
    ['a letter that no header can carry', 'ø'.repeat(32)],
    ['one that is too long', 'x'.repeat(300)],
  ])('may not be %s', (_, value) => {
    const load = () => loadConfig(Config, { INTERNAL_SECRETS: value });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow('INTERNAL_SECRETS must be comma separated secrets of at least 32 characters');
    expect(load).not.toThrow(value.slice(0, 20));
  });

  it('requires secrets in production only', () => {
    for (const INTERNAL_SECRETS of [undefined, '', ' ']) {
      expect(() => loadConfig(Config, { NODE_ENV: 'production', INTERNAL_SECRETS })).toThrow(
        'INTERNAL_SECRETS',
      );
      expect(() => loadConfig(Config, { NODE_ENV: 'development', INTERNAL_SECRETS })).not.toThrow();
    }
    expect(() => loadConfig(Config, {})).not.toThrow();
  });
});

describe('isInternalRequest', () => {
  it('accepts any of the secrets, of which the first is sent', () => {
    const both = `${NEW},${OLD}`;
    expect(isInternalRequest(both, internalAuthorizationHeader(both))).toBe(true);
    expect(isInternalRequest(OLD, internalAuthorizationHeader(both))).toBe(false);
    expect(isInternalRequest(NEW, internalAuthorizationHeader(both))).toBe(true);
    expect(isInternalRequest(both, internalAuthorizationHeader(OLD))).toBe(true);
    expect(isInternalRequest(both, `bearer  ${OLD} `)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    OLD,
    `Basic ${OLD}`,
    `Bearer ${OLD}x`,
    `Bearer ${OLD.slice(1)}`,
    `Bearer ${OLD.toUpperCase()}`,
    `Bearer ${OLD},${NEW}`,
    `Bearer ${OLD} ${OLD}`,
  ])('is not one with %p', (authorization) => {
    expect(isInternalRequest(`${NEW},${OLD}`, authorization)).toBe(false);
  });

  it('accepts every request, and sends no secret, if none is configured', () => {
    expect(isInternalRequest(undefined, undefined)).toBe(true);
    expect(internalAuthorizationHeader(undefined)).toBeUndefined();
  });
});
