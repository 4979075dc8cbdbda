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

  it('has a value in each header, which may be none on the wire', () => {
    const message = received({ flag: null, flags: [null, Buffer.from('a')] } as never);
    expect(message.headers).toEqual({ flag: Buffer.alloc(0), flags: [Buffer.alloc(0), Buffer.from('a')] });
    expect([message.header('flag'), message.header('flags')]).toEqual(['', '']);
  });

  it('that is larger than a broker would take is a dead letter of its place and the reason', () => {
    const large = received({ x: [Buffer.alloc(1_000_000), Buffer.alloc(100_000)] });
    const { key, value, headers } = deadLetter(large, 'dead', 'the message is no JSON', AT);
    expect([key, value]).toEqual([null, null]);
    expect(headers).toEqual({
      'dead-letter-topic': 'invitations.commands',
      'dead-letter-partition': '3',
      'dead-letter-offset': '7',
      'dead-letter-reason': 'the message is no JSON; not kept: with headers it has 1100108 bytes',
      'dead-letter-at': AT.toISOString(),
    });
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
