import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import { deadLetter } from './dead-letter.js';
import { incoming } from './incoming.js';

const AT = new Date('2026-01-05T09:00:00Z');

function received(headers: KafkaMessage['headers']) {
  const message = { offset: '7', key: Buffer.from('amal'), value: Buffer.from([0xff, 0]), headers };
  return incoming('invitations.commands', 3, message as KafkaMessage);
}

describe('a consumed message', () => {
  it('gives the first value of a header as text', () => {
    const message = received({ one: Buffer.from('مرحبا'), many: [Buffer.from('a'), Buffer.from('b')] });
    expect(message.header('one')).toBe('مرحبا');
    expect(message.header('many')).toBe('a');
    expect(message.header('none')).toBeUndefined();
    expect(message.header('constructor')).toBeUndefined();
    expect(received(undefined).header('one')).toBeUndefined();
  });

  it('becomes a dead letter byte for byte, with its place, the reason and the time', () => {
    const original = { 'reply-to': Buffer.from([0xfe]), many: [Buffer.from('a'), Buffer.from('b')] };
    expect(deadLetter(received(original), 'dead', 'the message is no JSON', AT)).toEqual({
      topic: 'dead',
      key: Buffer.from('amal'),
      value: Buffer.from([0xff, 0]),
      headers: {
        ...original,
        'dead-letter-topic': 'invitations.commands',
        'dead-letter-partition': '3',
        'dead-letter-offset': '7',
        'dead-letter-reason': 'the message is no JSON',
        'dead-letter-at': AT.toISOString(),
      },
    });
  });
});
