import { describe, expect, it } from '@jest/globals';
import { id } from '../../../../test/support/story.js';
import { command, message, sending } from '../../../../test/support/command-messages.js';
import { parseBatch, type CommandRequest } from './parse-batch.js';

const idsOf = (requests: readonly CommandRequest[]) => requests.map((one) => one.command.commandId);

describe('parseBatch', () => {
  it('keeps the order of the commands', () => {
    const { requests, invalid } = parseBatch([sending(2), sending(1), sending(3)]);
    expect(idsOf(requests)).toEqual([id(2), id(1), id(3)]);
    expect(invalid).toEqual([]);
  });

  it('returns a duplicate command once, with every reply topic', () => {
    const upper = { ce_id: id(0xa).toUpperCase(), ce_type: 'invitations.send.v1', 'reply-to': 'b' };
    const data = { inviterId: 'amal', recipientId: 'bilal' };
    const { requests } = parseBatch([
      message({ ...upper, ce_id: id(0xa), 'reply-to': 'a' }, JSON.stringify(data)),
      message(upper, JSON.stringify({ message: '', ...data })),
      message({ ...upper, 'reply-to': 'a' }, JSON.stringify(data)),
    ]);
    expect(idsOf(requests)).toEqual([id(0xa)]);
    const [one] = requests;
    expect([...one!.replyTo]).toEqual(['a', 'b']);
    expect(one!.command.data).toMatchObject({ recipientId: 'bilal' });
  });

  it('returns two commands for an id that two actors use', () => {
    const { requests } = parseBatch([sending(1, 'a'), sending(1, 'b', 'chiara')]);
    expect(requests.map(({ content, replyTo }) => [content.actorId, ...replyTo])).toEqual([
      ['amal', 'a'],
      ['chiara', 'b'],
    ]);
  });

  it('returns two commands for an id with two contents', () => {
    const { requests } = parseBatch([sending(1, 'a'), sending(1, 'b', 'amal', 'chiara'), sending(1, 'c')]);
    expect(requests.map(({ content, replyTo }) => [content.accountId, ...replyTo])).toEqual([
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
    const { requests, invalid } = parseBatch([...bad, sending(2)]);
    expect(idsOf(requests)).toEqual([id(2)]);
    expect(invalid.map((one) => one.message)).toEqual(bad);
    expect(invalid.map(({ commandId, replyTo }) => [commandId, replyTo])).toEqual([
      [undefined, undefined],
      [id(1), 'a'],
      [id(1), 'a'],
      [id(1), 'a'],
      [id(1), 'a'],
      [id(1), undefined],
    ]);
    for (const { reason } of invalid) expect(reason).not.toBe('');
  });
});
