import { describe, expect, it } from '@jest/globals';
import type { CommandUpcasters } from '#libs/contracts';
import { message } from '../../../../test/support/command-messages.js';
import { restoreMessage } from './redrive.js';

const upcasters: CommandUpcasters = {
  'greet.v1': { to: 'greet.v2', data: (older) => ({ to: (older as { name: string }).name }) },
};

const letter = (type: string, value: string) =>
  message({ ce_type: type, ce_id: '1', 'dead-letter-topic': 'a', 'dead-letter-reason': 'b' }, value);

describe('restoreMessage', () => {
  it('returns the message without the headers of the dead letter', () => {
    const found = letter('greet.v2', ' {"to": "Amal"}');
    expect(restoreMessage(found, 'topic', upcasters)).toEqual({
      topic: 'topic',
      key: found.key,
      value: found.value,
      headers: { ce_type: Buffer.from('greet.v2'), ce_id: Buffer.from('1') },
    });
  });

  it('upcasts a message of an older version', () => {
    const { value, headers } = restoreMessage(letter('greet.v1', '{"name": "Amal"}'), 'topic', upcasters);
    expect(value).toBe('{"to":"Amal"}');
    expect(headers).toEqual({ ce_type: 'greet.v2', ce_id: Buffer.from('1') });
  });

  it('leaves a message of an older version unchanged if it cannot be parsed', () => {
    const found = letter('greet.v1', 'no JSON');
    const { value, headers } = restoreMessage(found, 'topic', upcasters);
    expect(value).toBe(found.value);
    expect(headers!['ce_type']).toEqual(Buffer.from('greet.v1'));
  });
});
