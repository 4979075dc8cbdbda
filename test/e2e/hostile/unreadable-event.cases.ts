import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { expect, it } from '@jest/globals';
import { connectEventStore, closeEventStore, streamOf } from '#libs/event-store';
import { newFolder, removeFolder } from '../../support/standalone.js';
import { run } from './run.js';
import type { HostileStack } from './stack.js';

/** An event of a newer version or a foreign program in the stream of one account. */
export function unreadableEventCases(stack: () => HostileStack): void {
  async function append(accountId: string, event: { type: string; data: object; metadata?: object }) {
    const client = connectEventStore(stack().deployed.eventStore);
    const { data, ...rest } = event;
    await client.appendToStream(streamOf(accountId), jsonEvent({ ...rest, data: data as never }));
    await closeEventStore(client);
  }

  it.each([
    [
      'a type that this version does not know',
      { type: 'InvitationPostponed', data: { until: '2027-01-01' } },
    ],
    [
      'a known type in a later version',
      { type: 'InvitationIgnored', data: {}, metadata: { commandId: 'x', schemaVersion: 99 } },
    ],
    ['a known type without metadata', { type: 'InvitationAccepted', data: { invitationId: 'x' } }],
  ])('dead-letters only the commands on the account: %s', async (_, event) => {
    const [inviterId, recipientId, other] = await stack().newMembers(3);
    await stack().invitation(inviterId!, recipientId!);
    await append(inviterId!, event);
    const message = stack().send(inviterId!, other!);
    const letters = await stack().deadLettersOf(1, () => stack().publish([message]));
    expect(letters).toHaveLength(1);
    expect(letters[0]!.header('ce_id')).toBe(message.headers!['ce_id']);
    const { status, text } = await stack().readiness('command');
    expect([status, text]).toEqual([200, expect.stringMatching(/degraded/)]);
  });

  it('skips it in replay, which reports it', async () => {
    const env = { EVENTSTORE_URL: stack().deployed.eventStore, DATABASE_URL: stack().deployed.postgres };
    const count = "SELECT count(*) FILTER (WHERE type = 'InvitationSent') AS sent FROM events";
    const folder = newFolder();
    for (const args of [['sql', count], ['report', '--out', join(folder, 'report.html')], ['verify']]) {
      const { code, errors, output } = await run('replay', args, env);
      const said = { of: args[0], code, errors, output: output.slice(-2_000) };
      expect(said).toMatchObject({ code: 0, errors: expect.stringContaining('cannot read 3 events') });
    }
    removeFolder(folder);
  });
}
