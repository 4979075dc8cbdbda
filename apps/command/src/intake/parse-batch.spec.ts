import type { ConsumedMessage } from '#libs/kafka';
import { describe, expect, it } from '@jest/globals';
import { id } from '../../../../test/support/story.js';
import { command, message, sending } from '../../../../test/support/command-messages.js';
import { OperatorSignatureCheck, parseBatch, type CommandRequest, type ReplyAddress } from './parse-batch.js';

const idsOf = (requests: readonly CommandRequest[]) => requests.map((one) => one.command.commandId);

/** A UUID with a letter, which has two cases. */
const LETTERS = '00000000-0000-4000-8000-00000000000a';

const topicsOf = (addresses: readonly ReplyAddress[]) => addresses.map(({ topic }) => topic);

const parse = (messages: readonly ConsumedMessage[]) =>
  parseBatch(messages, new OperatorSignatureCheck(undefined));

describe('parseBatch', () => {
  it('keeps the order of the commands', () => {
    const { requests, invalid } = parse([sending(2), sending(1), sending(3)]);
    expect(idsOf(requests)).toEqual([id(2), id(1), id(3)]);
    expect(invalid).toEqual([]);
  });

  it('returns a duplicate command once, with every reply topic and every way to write its id', () => {
    const upper = { ce_id: LETTERS.toUpperCase(), ce_type: 'invitations.send.v1', 'reply-to': 'b' };
    const data = { inviterId: 'amal', recipientId: 'bilal' };
    const { requests } = parse([
      message({ ...upper, ce_id: LETTERS, 'reply-to': 'a' }, JSON.stringify(data)),
      message(upper, JSON.stringify({ message: '', ...data })),
      message({ ...upper, 'reply-to': 'a' }, JSON.stringify(data)),
      message({ ...upper, ce_id: LETTERS, 'reply-to': 'a' }, JSON.stringify(data)),
    ]);
    expect(idsOf(requests)).toEqual([LETTERS]);
    const [one] = requests;
    expect(one!.replyTo).toEqual([
      { topic: 'a', id: LETTERS },
      { topic: 'b', id: upper.ce_id },
      { topic: 'a', id: upper.ce_id },
    ]);
    expect(one!.command.data).toMatchObject({ recipientId: 'bilal' });
  });

  it('returns two commands for an id that two actors use', () => {
    const { requests } = parse([sending(1, 'a'), sending(1, 'b', 'chiara')]);
    expect(requests.map(({ content, replyTo }) => [content.actorId, ...topicsOf(replyTo)])).toEqual([
      ['amal', 'a'],
      ['chiara', 'b'],
    ]);
  });

  it('returns two commands for an id with two contents', () => {
    const { requests } = parse([sending(1, 'a'), sending(1, 'b', 'amal', 'chiara'), sending(1, 'c')]);
    expect(requests.map(({ content, replyTo }) => [content.accountId, ...topicsOf(replyTo)])).toEqual([
      ['amal', 'a', 'c'],
      ['amal', 'b'],
    ]);
  });

  it('returns invalid messages separately, with the id and reply topic that can be read', () => {
    const id1 = { ce_id: id(1), ce_type: 'invitations.send.v1', 'reply-to': 'a' };
    const bad = [
      message({}, '{}'),
      message(id1, 'no JSON'),
      message(id1, null),
      message(id1, Buffer.from([0xff])),
      message({ ...id1, ce_type: 'toString' }, '{}'),
      command('send', 1, { inviterId: 'amal', recipientId: 'bilal', admin: true }),
    ];
    const { requests, invalid } = parse([...bad, sending(2)]);
    expect(idsOf(requests)).toEqual([id(2)]);
    expect(invalid.map((one) => one.message)).toEqual(bad);
    const replyTo = { topic: 'a', id: id(1) };
    expect(invalid.map(({ commandId, replyTo }) => [commandId, replyTo])).toEqual([
      [undefined, undefined],
      [id(1), replyTo],
      [id(1), replyTo],
      [id(1), replyTo],
      [id(1), replyTo],
      [id(1), undefined],
    ]);
    for (const { reason } of invalid) expect(reason).not.toBe('');
  });

  const data = { inviterId: 'amal', recipientId: 'bilal' };
  const type = 'invitations.send.v1';
  const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const structured = { 'content-type': 'application/cloudevents+json' };

  it.each<[string, Record<string, string>, object, string]>([
    ['no UUID', { ce_id: 'order-17', ce_type: type }, data, 'order-17'],
    ['a ULID', { ce_id: ULID, ce_type: type }, data, ULID],
    ['a UUID in braces', { ce_id: `{${id(1)}}`, ce_type: type }, data, `{${id(1)}}`],
    ['a UUID under CE_ID', { CE_ID: id(1), CE_TYPE: type }, data, id(1)],
    ['long', { ce_id: 'x'.repeat(300), ce_type: type }, data, 'x'.repeat(200)],
    ['in an invalid structured event', structured, { id: 'order-18', type, data }, 'order-18'],
    ['a number in a structured event', structured, { id: 19, type, data }, '19'],
  ])('names the publisher its own id in a refusal if the id is %s', (_what, headers, value, id) => {
    const { invalid } = parse([message({ ...headers, 'reply-to': 'a' }, JSON.stringify(value))]);
    expect(invalid.map(({ replyTo }) => replyTo)).toEqual([{ topic: 'a', id }]);
  });

  it('names the publisher the offset of a message without a readable id', () => {
    const messages = [
      message({ 'reply-to': 'a', ce_type: type }, JSON.stringify(data)),
      message({ 'reply-to': 'a', ce_type: type, ce_id: '' }, JSON.stringify(data)),
      message({ 'reply-to': 'a', ...structured }, 'no JSON'),
    ];
    expect(parse(messages).invalid.map(({ replyTo }) => replyTo?.id)).toEqual(
      messages.map(({ offset }) => `invitations.commands/0@${offset}`),
    );
  });

  it('keeps ids that are not UUIDs out of the log, because they may be personal', () => {
    const { invalid } = parse([message({ ce_id: 'bilal@network.example', 'reply-to': 'a' }, '{}')]);
    expect(invalid.map(({ commandId, reason }) => [commandId, reason])).toEqual([
      [undefined, 'header ce_id must be a UUID'],
    ]);
  });

  it('treats a command in structured mode and the same in binary mode as one (D10)', () => {
    const event = { specversion: '1.0', id: LETTERS.toUpperCase(), type, source: '/test', data };
    const { requests } = parse([
      message({ ce_id: LETTERS, ce_type: type, 'reply-to': 'a' }, JSON.stringify(data)),
      message({ ...structured, 'reply-to': 'a' }, JSON.stringify(event)),
    ]);
    expect(idsOf(requests)).toEqual([LETTERS]);
    expect(requests[0]!.replyTo).toEqual([
      { topic: 'a', id: LETTERS },
      { topic: 'a', id: LETTERS.toUpperCase() },
    ]);
  });
});
