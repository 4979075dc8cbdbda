import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig, NoConfig } from '#libs/platform';
import { readWrappingKeys, WithTextKeys } from './text-keys.config.js';

class Config extends WithTextKeys(NoConfig) {}
const load = (env: Record<string, string>) => loadConfig(Config, env);
const TEXT_KEYS = `t1:${Buffer.alloc(32, 1).toString('base64url')}`;

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
