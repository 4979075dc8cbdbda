import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { connectEventStore, closeEventStore, readLogTail, SLICES } from '#libs/event-store';
import { eventsIn } from '../sigterm/evidence.js';
import { until } from '../../support/until.js';
import { run } from './run.js';
import type { HostileStack } from './stack.js';

/** D10: one id has one effect, with whatever else it is published. */
export function commandIdCases(stack: () => HostileStack): void {
  it('accepts one of six invitations when six accepts carry one id', async () => {
    const invited = await invitedBySix(stack());
    const { recipientId, invitations } = invited;
    const id = randomUUID();
    const accepts = invitations.map(({ invitationId }) =>
      stack().deployed.service.command('accept', { invitationId, actorId: recipientId }, id),
    );
    await stack().publish(accepts);
    await untilAnswered(stack(), id, 6);
    expect(codesOf(stack(), id)).toEqual([...Array.from({ length: 5 }, () => 'INVALID_COMMAND'), 'accepted']);
    await expectOneConnection(stack(), recipientId, invited);
  });

  it('accepts one of six invitations when six requests carry one Idempotency-Key', async () => {
    const invited = await invitedBySix(stack());
    const { recipientId, invitations } = invited;
    const id = randomUUID();
    const responses = await Promise.all(
      invitations.map(({ invitationId }) =>
        stack().request(recipientId, 'POST', `/v1/invitations/${invitationId}/accept`, {
          headers: { 'idempotency-key': id },
        }),
      ),
    );
    expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400, 400, 400]);
    await expectOneConnection(stack(), recipientId, invited);
  });

  it('sends one of three invitations when three members use one id', async () => {
    const [recipientId, ...inviters] = await stack().newMembers(4);
    const id = randomUUID();
    await stack().publish(inviters.map((inviterId) => stack().send(inviterId, recipientId!, id)));
    await untilAnswered(stack(), id, 3);
    expect(codesOf(stack(), id)).toEqual(['INVALID_COMMAND', 'INVALID_COMMAND', 'accepted']);
    await stack().untilMailed([recipientId!]);
    await stack().until(
      async () => (await stack().list(recipientId!, 'inbox')).length > 0,
      `an invitation in the inbox of ${recipientId!}`,
    );
    expect(await stack().list(recipientId!, 'inbox')).toHaveLength(1);
    const mine = (await stack().read(TOPICS.sent)).filter(({ key }) => String(key) === recipientId);
    expect(mine).toHaveLength(1);
  });

  it('carries out the first of two different commands with one id on one account', async () => {
    const [inviterId, first, second] = await stack().newMembers(3);
    const id = randomUUID();
    await stack().publish([
      stack().send(inviterId!, first!, id),
      stack().send(inviterId!, second!, id),
      stack().send(inviterId!, first!, id),
    ]);
    // The repeated command may get its reply together with the first one.
    await untilAnswered(stack(), id, 2);
    expect(new Set(codesOf(stack(), id))).toEqual(new Set(['INVALID_COMMAND', 'accepted']));
    await stack().untilMailed([first!]);
    await stack().untilListed(first!, 'inbox', `${inviterId!}.${id}`);
    expect([await stack().list(first!, 'inbox'), await stack().list(second!, 'inbox')]).toMatchObject([
      [{ invitationId: `${inviterId!}.${id}` }],
      [],
    ]);
  });

  it('gives each command one true outcome when a paused process resumes beside its successor', async () => {
    const { deployed } = stack();
    const members = await stack().newMembers(12);
    const pairs = members.flatMap((inviterId) =>
      members.filter((id) => id !== inviterId).map((recipientId) => ({ inviterId, recipientId })),
    );
    const sends = pairs.map(({ inviterId, recipientId }) => stack().send(inviterId, recipientId));
    // With a wrong key, so that another partition decides: the command is refused before the invitation exists, and
    // accepted afterwards.
    const accepts = sends.map((send, n) => {
      const { inviterId, recipientId } = pairs[n]!;
      const invitationId = `${inviterId}.${String(send.headers!['ce_id'])}`;
      const accept = deployed.service.command('accept', { invitationId, actorId: recipientId });
      return { ...accept, key: recipientId };
    });
    const former = await deployed.startSuccessor('command');
    await Promise.all([stack().publish(sends), stack().publish(accepts)]);
    former.signal('SIGSTOP');
    await stack().publish([...accepts, ...sends]);
    await sleep(PAUSE_MS);
    former.signal('SIGCONT');
    await stack().publish(accepts);
    const ids = [...sends, ...accepts].map(({ headers }) => String(headers!['ce_id']));
    for (const id of ids) await stack().outcomeOf(id);
    for (const id of ids) expect([id, new Set(codesOf(stack(), id)).size]).toEqual([id, 1]);
    await former.stop();
    await expectTrueOutcomes(stack(), ids);
  });

  it('records a connection on both sides after its command was lost', async () => {
    const { deployed } = stack();
    const [inviterId, recipientId] = await stack().newMembers(2);
    const invitationId = await stack().invitation(inviterId!, recipientId!);
    await deployed.app('projector').stop();
    await stack().ask(deployed.service.command('accept', { invitationId, actorId: recipientId! }));
    // Simulates a command of the process manager that Kafka has lost.
    const client = connectEventStore(deployed.eventStore);
    const all = Array.from({ length: SLICES }, (_, slice) => slice);
    const { head } = await readLogTail(client, all, undefined, AbortSignal.timeout(10_000));
    await closeEventStore(client);
    await deployed.pool.query(
      `UPDATE read_models.slices SET commit_position = $1, prepare_position = $1
       WHERE projection = 'record-connections'`,
      [String(head!.commit)],
    );
    await deployed.startApp('projector');
    const connectionsOf = async (memberId: string) =>
      (await stack().list(memberId, 'connections')).map((item) => item['memberId']);
    await stack().until(
      async () => (await connectionsOf(inviterId!)).length === 1,
      `the connection on the side of ${inviterId!}`,
    );
    expect(await connectionsOf(recipientId!)).toEqual([]);
    expect(await run('replay', ['verify'], stack().env)).toMatchObject({ code: 1 });
    expect(await run('replay', ['verify', '--repair'], stack().env)).toMatchObject({ code: 0 });
    await stack().until(
      async () => (await connectionsOf(recipientId!)).length === 1,
      `the connection on the side of ${recipientId!}`,
    );
    expect(await run('replay', ['verify'], stack().env)).toMatchObject({ code: 0 });
  });
}

/** Longer than a paused process remains a member of its consumer group. */
const PAUSE_MS = 12_000;

interface Invited {
  readonly recipientId: string;
  readonly invitations: readonly { readonly inviterId: string; readonly invitationId: string }[];
}

/** One inviter on each of six partitions. */
async function invitedBySix(stack: HostileStack): Promise<Invited> {
  const [recipientId] = await stack.newMembers(1);
  const inviters = Array.from({ length: 6 }, (_, partition) => stack.memberOn(partition));
  await stack.deployed.service.members(...inviters);
  await stack.untilKnown(inviters);
  const invitations = [];
  for (const inviterId of inviters) {
    invitations.push({ inviterId, invitationId: await stack.invitation(inviterId, recipientId!) });
  }
  return { recipientId: recipientId!, invitations };
}

const answersTo = (stack: HostileStack, id: string) =>
  stack.deployed.service.answers.filter(({ outcome }) => outcome.commandId === id);

const untilAnswered = (stack: HostileStack, id: string, times: number) =>
  until(
    () => answersTo(stack, id).length >= times,
    60_000,
    () => `${times} answers to ${id}: ${JSON.stringify(answersTo(stack, id))}`,
  );

const codesOf = (stack: HostileStack, id: string): string[] =>
  answersTo(stack, id)
    .map(({ outcome }) => outcome.code ?? outcome.outcome)
    .toSorted();

/** Expects an event for every accepted command, and none for a refused one. */
async function expectTrueOutcomes(stack: HostileStack, ids: readonly string[]): Promise<void> {
  const carriedOut = new Set((await eventsIn(stack.deployed)).map(({ commandId }) => commandId));
  expect(ids.filter((id) => carriedOut.has(id) !== codesOf(stack, id).includes('accepted'))).toEqual([]);
}

/**
 * Expects that one of the invitations is accepted, that both of its members have the connection, and nobody else has
 * one.
 */
async function expectOneConnection(stack: HostileStack, recipientId: string, { invitations }: Invited) {
  const connectionsOf = async (memberId: string) =>
    (await stack.list(memberId, 'connections')).map((item) => item['memberId'] as string);
  await until(
    async () => (await connectionsOf(recipientId)).length > 0,
    60_000,
    () => `a connection of ${recipientId}`,
  );
  const [connected, ...others] = await connectionsOf(recipientId);
  expect(others).toEqual([]);
  // Each side of a connection and the inbox are rows of different accounts and workers.
  await stack.until(
    async () => (await connectionsOf(connected!)).length > 0,
    `the connection on the side of ${connected!}`,
  );
  await stack.until(
    async () => (await stack.list(recipientId, 'inbox')).length < invitations.length,
    `an accepted invitation out of the inbox of ${recipientId}`,
  );
  for (const { inviterId } of invitations) {
    expect([inviterId, await connectionsOf(inviterId)]).toEqual([
      inviterId,
      inviterId === connected ? [recipientId] : [],
    ]);
  }
  expect(await stack.list(recipientId, 'inbox')).toHaveLength(invitations.length - 1);
}
