import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, NoConfig } from '#libs/platform';
import { parseWrappingKeys, readWrappingKeys, WithTextKeys } from './text-keys.config.js';

class Config extends WithTextKeys(NoConfig) {}
const load = (env: Record<string, string>) => loadConfig(Config, env);
const keyOf = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
const TEXT_KEYS = keyOf('t1');

describe('WithTextKeys', () => {
  it('rejects a production without keys, unless it stores texts as they are on purpose', () => {
    expect(() => load({ NODE_ENV: 'production' })).toThrow(/TEXT_KEYS must be set/);
    expect(() => load({ NODE_ENV: 'production', TEXT_KEYS })).not.toThrow();
    expect(readWrappingKeys(load({ NODE_ENV: 'production', TEXT_ENCRYPTION: 'off' }))).toBeUndefined();
    expect(readWrappingKeys(load({}))).toBeUndefined();
  });

  it('rejects keys that cannot be used, and names no secret', () => {
    expect(() => load({ TEXT_KEYS: 't1:c2VjcmV0' })).toThrow(ConfigError);
    expect(() => load({ TEXT_KEYS: 't1:c2VjcmV0' })).toThrow(
      /^(?!.*c2VjcmV0).*TEXT_KEYS is not valid.*32 bytes/,
    );
    expect(() => load({ TEXT_KEYS, TEXT_ENCRYPTION: 'maybe' })).toThrow('TEXT_ENCRYPTION must be on or off');
  });
});

describe('parseWrappingKeys', () => {
  it.each([
    ['no keys', ','],
    ['a key without an id', randomBytes(32).toString('base64url')],
    ['a secret that is too short', `t1:${randomBytes(31).toString('base64url')}`],
    ['a secret that is too long', `t1:${randomBytes(33).toString('base64url')}`],
    ['an id twice', `${TEXT_KEYS},${keyOf('t1')}`],
  ])('rejects %s, and names no secret', (_what, env) => {
    expect(() => parseWrappingKeys(env)).toThrow(ConfigError);
    expect(() => parseWrappingKeys(env)).toThrow(/^TEXT_KEYS[^:]*(: [^,]{0,80})?$/);
    const [, secret = 'none'] = env.split(':');
    expect(() => parseWrappingKeys(env)).not.toThrow(secret.slice(0, 20));
  });
});
