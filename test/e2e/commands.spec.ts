import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Message } from 'kafkajs';
import { expectOneEffectEach } from '../support/effects.js';
import { PublishingService, type Outcome } from '../support/publisher.js';
import { endStandalone, newFolder, startStandalone, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';

/** Another service on Kafka, with the running apps. */
describe('commands from Kafka, in the running service', () => {
  const dir = newFolder();
  let standalone: Standalone;
  let service: PublishingService;
  const heard: { topic: string; message: Message }[] = [];
  const deadLetters = () => heard.filter(({ topic }) => topic === 'invitations.commands.dead-letter');

  beforeAll(async () => {
    standalone = await startStandalone(dir);
    service = await new PublishingService(standalone.endpoints.kafka).start();
    await service.members('anna', 'bert', 'carl', 'dora');
    await service.listen(
      ['invitations.sent', 'invitations.accepted', 'invitations.replied', 'invitations.commands.dead-letter'],
      (message, topic) => heard.push({ topic, message }),
    );
    // Profiles are on a topic of their own. An accepted invitation shows that they have been applied.
    await service.untilKnown('anna', 'bert', 'carl', 'dora');
  });

  afterAll(async () => {
    await service?.stop();
    await endStandalone(dir);
  });

  it('get outcomes that contain exactly what the contract says (D1)', async () => {
    const commandId = randomUUID();
    await service.ask('send', { inviterId: 'anna', recipientId: 'bert' }, commandId);
    const answer = service.answers.find(({ key }) => key === commandId);
    expect(answer?.value).toBe(JSON.stringify({ commandId, outcome: 'accepted' }));
  });

  it('get the first outcome again for the same id, also after the state has changed (D10)', async () => {
    const commandId = randomUUID();
    const data = { inviterId: 'anna', recipientId: 'nobody-yet' };
    const first = await service.ask('send', data, commandId);
    expect(first).toEqual({ commandId, outcome: 'refused', code: 'RECIPIENT_UNAVAILABLE' });
    await service.members('nobody-yet');
    await until(
      async () => (await service.ask('send', data)).outcome === 'accepted',
      30_000,
      'the new member',
    );
    await service.publish('invitations.commands', [service.command('send', data, commandId)]);
    const answers = () => service.answers.filter(({ outcome }) => outcome.commandId === commandId);
    await until(() => answers().length === 2, 30_000, 'a second answer');
    expect(answers().map(({ outcome }) => outcome)).toEqual([first, first]);
  });

  it('produce sent and accepted messages with the key and the fields of the contract', async () => {
    const sendId = randomUUID();
    await service.ask('send', { inviterId: 'carl', recipientId: 'bert', message: 'Hello' }, sendId);
    const invitationId = `carl.${sendId}`;
    await service.ask('accept', { invitationId, actorId: 'bert', via: 'email' });
    const of = (topic: string) =>
      heard.filter((one) => one.topic === topic && String(one.message.value).includes(invitationId));
    await until(
      () => of('invitations.sent').length > 0 && of('invitations.accepted').length > 0,
      30_000,
      'events',
    );
    const [sent] = of('invitations.sent');
    const [accepted] = of('invitations.accepted');
    expect([String(sent!.message.key), String(accepted!.message.key)]).toEqual(['bert', 'carl']);
    const common = { invitationId, inviterId: 'carl', recipientId: 'bert', at: expect.any(String) };
    expect(JSON.parse(String(sent!.message.value))).toEqual({ ...common, message: 'Hello' });
    expect(JSON.parse(String(accepted!.message.value))).toEqual({ ...common, via: 'email' });
    expect(String(accepted!.message.headers!['ce_type'])).toBe('invitations.accepted.v1');
  });

  it('produce no message for an ignore, a restore, a decline and a withdrawal (R20, R30, R33, D20)', async () => {
    const ids = [randomUUID(), randomUUID()];
    for (const id of ids) await service.ask('send', { inviterId: 'dora', recipientId: 'anna' }, id);
    const invitationId = `dora.${ids[1]}`;
    for (const [type, actorId] of [
      ['ignore', 'anna'],
      ['restore', 'anna'],
      ['ignore', 'anna'],
      ['decline', 'anna'],
      ['withdraw', 'dora'],
    ] as const) {
      expect((await service.ask(type, { invitationId, actorId })).outcome).toBe('accepted');
    }
    // A later message arrives, so the missing earlier ones are not merely late.
    const last = randomUUID();
    await service.ask('send', { inviterId: 'dora', recipientId: 'carl' }, last);
    await until(() => heard.some(({ message }) => String(message.value).includes(last)), 30_000, 'the last');
    const types = heard
      .filter(({ message }) => String(message.value).includes(invitationId))
      .map(({ message }) => String(message.headers!['ce_type']));
    expect(types).toEqual(['invitations.sent.v1']);
    const admin = service.kafka.admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith('invitations.'));
    await admin.disconnect();
    expect(topics.filter((topic) => !topic.startsWith('invitations.outcomes.')).toSorted()).toEqual([
      'invitations.accepted',
      'invitations.commands',
      'invitations.commands.dead-letter',
      'invitations.reminder-due',
      'invitations.replied',
      'invitations.sent',
    ]);
  });

  it('become dead letters byte for byte if they are invalid, and block nothing', async () => {
    const commandId = randomUUID();
    const invalid = service.command('send', { inviterId: 'anna', recipientId: 'bert' }, commandId);
    const value = '{"inviterId":"anna","recipientId":42}';
    await service.publish('invitations.commands', [{ ...invalid, value }]);
    await service.publish('invitations.commands', [{ key: 'anna', value: null }]);
    const good = await service.ask('send', { inviterId: 'anna', recipientId: 'carl' });
    expect(good.outcome).toBe('accepted');
    expect(await service.outcomeOf(commandId)).toEqual({
      commandId,
      outcome: 'refused',
      code: 'INVALID_COMMAND',
      reason: 'recipientId must be a member id',
    });
    await until(() => deadLetters().length === 2, 30_000, 'two dead letters');
    const letter = deadLetters().find(({ message }) => message.value !== null)!.message;
    expect(String(letter.value)).toBe(value);
    const headers = Object.fromEntries(
      Object.entries(letter.headers ?? {}).map(([name, header]) => [name, String(header)]),
    );
    expect(headers).toMatchObject({
      ce_id: commandId,
      ce_source: '/test',
      'dead-letter-topic': 'invitations.commands',
      'dead-letter-partition': expect.stringMatching(/^\d+$/),
      'dead-letter-offset': expect.stringMatching(/^\d+$/),
      'dead-letter-reason': 'recipientId must be a member id',
      'dead-letter-at': expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('block nothing if reply-to is not an existing topic below invitations.outcomes.', async () => {
    const strange = ['invitations.sent', 'invitations.outcomes.nobody-made-it', 'members.profiles'].map(
      (replyTo) => {
        const command = service.command('send', { inviterId: 'bert', recipientId: 'anna' });
        return { ...command, headers: { ...command.headers, 'reply-to': replyTo } };
      },
    );
    await service.publish('invitations.commands', strange);
    expect((await service.ask('send', { inviterId: 'bert', recipientId: 'dora' })).outcome).toBe('accepted');
    expect(
      heard.filter(({ message }) => String(message.headers?.['ce_type']) === 'invitations.outcome.v1'),
    ).toEqual([]);
  });

  it('have one outcome and one effect each, although every app is killed meanwhile', async () => {
    const inviters = Array.from({ length: 20 }, (_, n) => `inviter-${n}`);
    const recipients = Array.from({ length: 10 }, (_, n) => `recipient-${n}`);
    await service.members(...inviters, ...recipients);
    await service.untilKnown(...recipients);
    const commands = inviters.flatMap((inviterId) =>
      recipients.map((recipientId) => service.command('send', { inviterId, recipientId })),
    );
    const ids = commands.map(({ headers }) => String(headers!['ce_id']));
    for (const [round, app] of ['command', 'projector', 'notification', 'command'].entries()) {
      const share = commands.slice(round * 50, (round + 1) * 50);
      await service.publish('invitations.commands', share.slice(0, 25));
      await standalone.killApp(app);
      await service.publish('invitations.commands', share.slice(25));
    }
    const outcomes: Outcome[] = [];
    for (const commandId of ids) outcomes.push(await service.outcomeOf(commandId, 60_000));
    expect(outcomes.filter(({ outcome }) => outcome !== 'accepted')).toEqual([]);

    await expectOneEffectEach(standalone, 'inviter-', inviters, recipients);
  });
});
