import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '#libs/platform';
import { TopicsConfig } from './kafka.config.js';

describe('TopicsConfig', () => {
  it('has no prefix by default', () => {
    expect(loadConfig(TopicsConfig, {})).toMatchObject({ TOPIC_PREFIX: '', GROUP_PREFIX: '' });
  });

  it.each(['TOPIC_PREFIX', 'GROUP_PREFIX'])('rejects a %s that Kafka would not take', (name) => {
    for (const value of ['a/b', 'a b', 'a'.repeat(26)])
      expect(() => loadConfig(TopicsConfig, { [name]: value })).toThrow(name);
    expect(loadConfig(TopicsConfig, { [name]: 'staging-2.' })).toMatchObject({ [name]: 'staging-2.' });
  });
});
