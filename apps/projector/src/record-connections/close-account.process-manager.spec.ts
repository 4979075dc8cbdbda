import { describe, expect, it } from '@jest/globals';
import { isServiceCommandId, parseCommand, type CommandMessage } from '#libs/contracts';
import { encodeEvent, EventStoreUnavailableError, type RawEvent } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { EventHandlingError } from '#libs/projection';
import {
  accepted,
  accountClosed,
  AMAL,
  BILAL,
  closed,
  connected,
  declined,
  ended,
  expired,
  id,
  ignored,
  INVITATION,
  replied,
  sent,
  STRANGER,
  withdrawn,
} from '../../../../test/support/story.js';
import { reactToClosing, reactToEndedConnection } from './close-account.process-manager.js';

const read = (bytes: unknown): unknown => JSON.parse(Buffer.from(bytes as Uint8Array).toString());

/** Amal's stream. */
const streamOf = (...events: InvitationEvent[]): RawEvent[] =>
  events.map((event, index) => {
    const { id: eventId, type, data, metadata } = encodeEvent(event, 0);
    return {
      id: eventId,
      type,
      data,
      metadata: read(metadata),
      streamId: 'account-00-amal',
      accountId: AMAL,
      slice: 0,
      revision: BigInt(index),
      created: new Date(event.at),
      position: { commit: BigInt(index), prepare: BigInt(index) },
    };
  });

/** The pages that are issued after the closing of Amal's account, whose stream is as given, in batches of 100 events. */
async function pagesAfterClosing(
  stream: readonly RawEvent[],
  readable = stream,
): Promise<CommandMessage[][]> {
  const closing = stream.find(({ type }) => type === 'AccountClosed')!;
  const pages: CommandMessage[][] = [];
  const readAccount = async function* () {
    for (let from = 0; from < readable.length; from += 100) yield readable.slice(from, from + 100);
  };
  for await (const page of reactToClosing(closing, readAccount)!) pages.push([...page]);
  return pages;
}

const afterClosing = async (...history: InvitationEvent[]) =>
  (await pagesAfterClosing(streamOf(...history))).flat().map(({ type, data }) => ({ type, data }));

const close = (invitationId: string, recipientId = BILAL) => ({
  type: 'invitations.close-invitation.v1',
  data: { invitationId, recipientId },
});
const end = (memberId: string) => ({
  type: 'invitations.end-connection.v1',
  data: { accountId: AMAL, memberId, leaverId: AMAL },
});

describe('reactToClosing', () => {
  it.each<[string, InvitationEvent[]]>([
    ['untouched', []],
    ['replied to', [replied(2)]],
    ['ignored', [ignored(2)]],
    ['declined', [ignored(2), declined(3)]],
  ])(
    'issues a command for an invitation that is %s: as far as its inviter can know, it is open (D1, D23)',
    async (_what, since) => {
      expect(await afterClosing(sent(1), ...since, accountClosed(5))).toEqual([close(INVITATION)]);
    },
  );

  it.each<[string, InvitationEvent[]]>([
    ['withdrawn', [withdrawn(2)]],
    ['expired', [expired(2)]],
    ['closed by a connection in the other direction, which has ended', [connected(2, INVITATION), ended(3)]],
  ])('issues no command for an invitation that is %s', async (_what, since) => {
    expect(await afterClosing(sent(1), ...since, accountClosed(5))).toEqual([]);
  });

  it('issues a command for the follow-up only, not for the invitation that it supersedes', async () => {
    const followUp = sent(2, { supersedes: INVITATION });
    expect(await afterClosing(sent(1), followUp, accountClosed(5))).toEqual([close(`${AMAL}.${id(2)}`)]);
  });

  it.each<[string, InvitationEvent[]]>([
    ['the one who was invited', [sent(1), accepted(2)]],
    ['the one who invited', [connected(2)]],
  ])('issues a command to the closed account for a connection with %s (D23)', async (_who, history) => {
    expect(await afterClosing(...history, accountClosed(5))).toEqual([end(BILAL)]);
  });

  it('issues nothing for an account that had nothing, and nothing for what ended after the closing', async () => {
    expect(await afterClosing(accountClosed(5))).toEqual([]);
    expect(await afterClosing(sent(1), accountClosed(5), closed(6))).toEqual([]);
    const other = sent(2, { recipientId: STRANGER });
    expect(await afterClosing(connected(1), other, accountClosed(5), ended(6, AMAL))).toEqual([
      close(other.invitationId, STRANGER),
    ]);
  });

  it('issues nothing for an account whose stream was deleted', async () => {
    expect(await pagesAfterClosing(streamOf(sent(1), accountClosed(2)), [])).toEqual([]);
  });

  it('issues valid commands with ids that only this service may use, the same ones again after a crash', async () => {
    const history = [connected(1), sent(2, { recipientId: STRANGER }), accountClosed(5)];
    const first = (await pagesAfterClosing(streamOf(...history))).flat();
    for (const command of first) {
      expect(isServiceCommandId(command.commandId)).toBe(true);
      const { type, commandId, data } = command;
      const headers: Record<string, string> = { ce_id: commandId, ce_type: type };
      const value = Buffer.from(JSON.stringify(data));
      expect(parseCommand({ value, header: (name) => headers[name] })).toEqual(command);
    }
    const again = (await pagesAfterClosing(streamOf(...history, ended(6, AMAL)))).flat();
    expect(again).toEqual(first.slice(1));
    expect(new Set(first.map(({ commandId }) => commandId)).size).toBe(first.length);
  });

  it('issues the commands of a large account page by page', async () => {
    const many = Array.from({ length: 1_201 }, (_, n) => ({
      ...connected(n + 1),
      memberId: `member-${n}`,
    })) as InvitationEvent[];
    const pages = await pagesAfterClosing(streamOf(...many, accountClosed(5_000)));
    expect(pages.map((page) => page.length)).toEqual([500, 500, 201]);
  });

  it('fails as in an outage if the stream was read before it had the closing, because an invitation may be missing', async () => {
    const stream = streamOf(sent(1), accountClosed(2));
    await expect(pagesAfterClosing(stream, stream.slice(0, 1))).rejects.toThrow(EventStoreUnavailableError);
  });

  it('fails by the event, so that the account is parked, if the stream has an event that cannot be read', async () => {
    const stream = streamOf(sent(1), accountClosed(2));
    await expect(
      pagesAfterClosing([{ ...stream[0]!, data: { at: 'yesterday' } }, stream[1]!]),
    ).rejects.toThrow(EventHandlingError);
  });

  it('issues nothing for another event', () => {
    for (const raw of streamOf(sent(1), accepted(2), ended(3, AMAL)))
      expect(reactToClosing(raw, () => streamOf() as never)).toBeUndefined();
  });
});

describe('reactToEndedConnection', () => {
  const logged = (event: InvitationEvent, eventId = id(99)) => ({
    id: eventId,
    event,
    position: { commit: 1n, prepare: 1n },
  });

  it('issues the command to the account of the other member after the end in the account of the one who left (D23)', () => {
    const command = reactToEndedConnection(logged(ended(6, AMAL)))!;
    expect(command).toEqual({
      type: 'invitations.end-connection.v1',
      commandId: expect.anything(),
      data: { accountId: BILAL, memberId: AMAL, leaverId: AMAL },
    });
    expect(isServiceCommandId(command.commandId)).toBe(true);
    expect(reactToEndedConnection(logged(ended(6, AMAL)))).toEqual(command);
    expect(reactToEndedConnection(logged(ended(6, AMAL), id(98)))!.commandId).not.toBe(command.commandId);
  });

  it('issues nothing after the end in the account of the other member, and nothing after other events', () => {
    for (const event of [ended(6, BILAL), accountClosed(5), closed(6), connected(2), accepted(2)])
      expect(reactToEndedConnection(logged(event))).toBeUndefined();
  });
});
