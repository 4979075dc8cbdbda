import { describe, expect, it } from '@jest/globals';
import { id } from '../../../../test/support/story.js';
import { command, message, sending } from '../../../../test/support/command-messages.js';
import { sortMessages, type Asked } from './sort-messages.js';

const idsOf = (asked: readonly Asked[]) => asked.map((one) => one.command.commandId);

describe('sorting a chunk', () => {
  it('keeps the order of the commands', () => {
    const { asked, poison } = sortMessages([sending(2), sending(1), sending(3)]);
    expect(idsOf(asked)).toEqual([id(2), id(1), id(3)]);
    expect(poison).toEqual([]);
  });

  it('takes a command that came twice once, and answers it wherever an answer was asked for', () => {
    const upper = { ce_id: id(0xa).toUpperCase(), ce_type: 'invitations.send.v1', 'reply-to': 'b' };
    const data = { inviterId: 'amal', recipientId: 'bilal' };
    const { asked } = sortMessages([
      message({ ...upper, ce_id: id(0xa), 'reply-to': 'a' }, JSON.stringify(data)),
      message(upper, JSON.stringify({ ...data, recipientId: 'chiara' })),
      message({ ...upper, 'reply-to': 'a' }, JSON.stringify(data)),
    ]);
    expect(idsOf(asked)).toEqual([id(0xa)]);
    const [one] = asked;
    expect([...one!.replyTo]).toEqual(['a', 'b']);
    expect(one!.command.data).toMatchObject({ recipientId: 'bilal' });
  });

  it('takes an id that two actors use for two commands', () => {
    const { asked } = sortMessages([sending(1, 'a'), sending(1, 'b', 'chiara')]);
    expect(asked.map(({ actorId, replyTo }) => [actorId, ...replyTo])).toEqual([
      ['amal', 'a'],
      ['chiara', 'b'],
    ]);
  });

  it('sets aside what is no command, with what can be read of it', () => {
    const id1 = { ce_id: id(1), ce_type: 'invitations.send.v1', 'reply-to': 'a' };
    const bad = [
      message({}, '{}'),
      message(id1, 'no JSON'),
      message(id1, null),
      message(id1, Buffer.from([0xff])),
      message({ ...id1, ce_type: 'toString' }, '{}'),
      command('send', 1, { inviterId: 'amal', recipientId: 'bilal', admin: true }),
    ];
    const { asked, poison } = sortMessages([...bad, sending(2)]);
    expect(idsOf(asked)).toEqual([id(2)]);
    expect(poison.map((one) => one.message)).toEqual(bad);
    expect(poison.map(({ commandId, replyTo }) => [commandId, replyTo])).toEqual([
      [undefined, undefined],
      [id(1), 'a'],
      [id(1), 'a'],
      [id(1), 'a'],
      [id(1), 'a'],
      [id(1), undefined],
    ]);
    for (const { reason } of poison) expect(reason).not.toBe('');
  });
});
