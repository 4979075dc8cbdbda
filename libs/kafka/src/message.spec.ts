import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import { toDeadLetter, toDeadLetterOfBatch, readDeadLetterOrigin } from './dead-letter.js';
import { toConsumedMessage } from './message.js';
import { RecordHeaders } from './protocol/record.js';

const AT = new Date('2026-01-05T09:00:00Z');

function received(headers: KafkaMessage['headers']) {
  const message = { offset: '7', key: Buffer.from('amal'), value: Buffer.from([0xff, 0]), headers };
  return toConsumedMessage('invitations.commands', 3, message as KafkaMessage);
}

describe('ConsumedMessage and its dead letter', () => {
  it('returns the first value of a header as text', () => {
    const message = received({ one: Buffer.from('مرحبا'), many: [Buffer.from('a'), Buffer.from('b')] });
    expect(message.header('one')).toBe('مرحبا');
    expect(message.header('many')).toBe('a');
    expect(message.header('none')).toBeUndefined();
    expect(message.header('constructor')).toBeUndefined();
    expect(received(undefined).header('one')).toBeUndefined();
  });

  it('makes a dead letter without content for a message that a broker would reject as too large', () => {
    const large = received({ x: [Buffer.alloc(1_000_000), Buffer.alloc(100_000)] });
    const { key, value, headers } = toDeadLetter(large, 'dead', 'the message is not JSON', AT);
    expect([key, value]).toEqual([null, null]);
    expect(headers).toEqual({
      'dead-letter-topic': 'invitations.commands',
      'dead-letter-partition': '3',
      'dead-letter-offset': '7',
      'dead-letter-reason': 'the message is not JSON; not kept: with headers it has 1100087 bytes',
      'dead-letter-at': AT.toISOString(),
    });
  });

  it('measures a message in bytes, including non-ASCII header names and the framing of each header', () => {
    const names = Object.fromEntries(Array.from({ length: 60_000 }, (_, n) => [`اسم${n}`, Buffer.from('v')]));
    const { key, headers } = toDeadLetter(received(names), 'dead', 'no', AT);
    expect(key).not.toBeNull();
    expect(headers!['dead-letter-reason']).toBe('no');
    const more = { ...names, large: Buffer.alloc(300_000) };
    expect(toDeadLetter(received(more), 'dead', 'no', AT).headers!['dead-letter-reason']).toMatch(
      /^no; not kept/,
    );
  });

  it('makes a dead letter byte for byte, with the origin, the reason and the time', () => {
    const original = { 'reply-to': Buffer.from([0xfe]), many: [Buffer.from('a'), Buffer.from('b')] };
    expect(toDeadLetter(received(original), 'dead', 'the message is not JSON', AT)).toEqual({
      topic: 'dead',
      key: Buffer.from('amal'),
      value: Buffer.from([0xff, 0]),
      headers: {
        ...original,
        'dead-letter-topic': 'invitations.commands',
        'dead-letter-partition': '3',
        'dead-letter-offset': '7',
        'dead-letter-reason': 'the message is not JSON',
        'dead-letter-at': AT.toISOString(),
      },
    });
  });

  it('drops headers that collide with those of a dead letter, and no others', () => {
    const names = ['dead-letter-topic', 'dead-letter-last-offset', 'dead-letter-note', 'constructor'];
    const list = names.map((name) => ({ name: Buffer.from(name), value: Buffer.from('theirs') }));
    const original = { ...received(undefined), headers: {}, recordHeaders: RecordHeaders.of(list) };
    const { recordHeaders, headers } = toDeadLetter(original, 'dead', 'no', AT);
    expect([...recordHeaders!].map(({ name }) => String(name))).toEqual(['dead-letter-note', 'constructor']);
    expect(headers!['dead-letter-topic']).toBe('invitations.commands');
  });
});

describe('toDeadLetterOfBatch', () => {
  it('makes one dead letter with the first and the last offset and the reason', () => {
    const batch = {
      topic: 't',
      partition: 1,
      firstOffset: '5',
      lastOffset: '9',
      timestamp: 0,
      reason: 'it is odd',
    };
    const { key, value, headers } = toDeadLetterOfBatch(batch, 'dead', AT);
    expect([key, value]).toEqual([null, null]);
    expect(headers).toEqual({
      'dead-letter-topic': 't',
      'dead-letter-partition': '1',
      'dead-letter-offset': '5',
      'dead-letter-last-offset': '9',
      'dead-letter-reason': 'the batch cannot be decoded: it is odd',
      'dead-letter-at': AT.toISOString(),
    });
    const letter = received(
      Object.fromEntries(Object.entries(headers!).map(([name, text]) => [name, Buffer.from(text as string)])),
    );
    expect(readDeadLetterOrigin(letter)).toEqual({ topic: 't', partition: 1, offset: '5', lastOffset: '9' });
  });
});
