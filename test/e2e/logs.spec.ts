import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { closeEventStore, streamOf } from '#libs/event-store';
import { AppLogs, saying, type Line } from '../support/app-logs.js';
import type { AppName } from '../support/deployed.js';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import { realServers } from '../support/real-servers.js';
import {
  endStandalone,
  newFolder,
  runMain,
  startEmbedded,
  startStandalone,
  type Standalone,
} from '../support/standalone.js';
import { until } from '../support/until.js';
import {
  address,
  DOMAIN,
  KEY,
  member,
  NAME,
  noCommands,
  noEvents,
  noOutcomes,
  noProfiles,
  oddCommand,
  TEXT,
} from './sensitive-fixtures.js';

const APPS = ['command', 'projector', 'notification', 'api'] as const;

const NOT_A_PROFILE =
  'a message of members.profiles is not a profile: the member stays as before until the profile service publishes it again';
const NO_ADDRESS =
  'a profile has no usable address: the member gets no e-mail until the profile service publishes one';

/** Everything that the apps say, at the level at which they say most, while all happens that may tempt them. */
describe('the logs of all apps', () => {
  const dir = newFolder();
  const logs = new AppLogs(dir);
  let standalone: Standalone;
  let service: PublishingService;
  let anna: MemberAtApi;
  let bert: MemberAtApi;
  let operator: string;

  beforeAll(async () => {
    // With a development mail server, which refuses recipients when their name asks for it.
    const start = realServers().has('containers') ? startEmbedded : startStandalone;
    standalone = await start(dir, { LOG_LEVEL: 'trace', INVITATION_MAIL_INTERVAL: 'PT0S' });
    service = await new PublishingService(standalone.endpoints.kafka).start();
    await introduce('anna', 'bert', 'carl', 'reject-5xx', 'reject-4xx');
    anna = await MemberAtApi.of(standalone, 'anna');
    bert = await MemberAtApi.of(standalone, 'bert');
    const token = await runMain('apps/standalone/src/token.main.js', dir, ['olga', '--operator']);
    operator = token.output.trim();
  });

  afterAll(async () => {
    await service?.stop();
    await endStandalone(dir);
  });

  async function introduce(...ids: string[]): Promise<void> {
    await service.publish(
      TOPICS.profiles,
      ids.map((id) => ({ key: id, value: JSON.stringify(member(id)) })),
    );
    await service.untilKnown(...ids);
  }

  async function invite(recipientId: string): Promise<string> {
    const id = randomUUID();
    const { outcome } = await service.ask('send', { inviterId: 'anna', recipientId, message: TEXT }, id);
    expect(outcome).toBe('accepted');
    return `anna.${id}`;
  }

  describe('contain the ids by which a command can be followed', () => {
    it('from Kafka to the e-mail', async () => {
      const invitationId = await invite('bert');
      const [, commandId] = invitationId.split('.');
      const decided = await logs.until('command', (line) => line['commandId'] === commandId, 'the command');
      expect(decided).toMatchObject({ msg: 'command decided', correlationId: invitationId });
      const published = await logs.until(
        'projector',
        (line) => line['correlationId'] === invitationId && line['topic'] === TOPICS.sent,
        'the event',
      );
      expect(published).toMatchObject({ msg: 'published', causationId: commandId });
      const { eventId } = published;
      expect(eventId).toMatch(/^[0-9a-f-]{36}$/);
      const delivery = await logs.until(
        'notification',
        (line) => line['msg'] === 'delivery' && line['eventId'] === eventId,
        'the e-mail',
      );
      expect(delivery).toMatchObject({ correlationId: invitationId, causationId: eventId, state: 'sent' });
    });

    it('from a member at the api to the command app', async () => {
      const commandId = randomUUID();
      const response = await anna.request(
        'POST',
        '/v1/invitations',
        { recipientId: 'carl', message: TEXT },
        { 'idempotency-key': commandId },
      );
      expect(response.status).toBe(201);
      for (const app of ['api', 'command'] as const) {
        const line = await logs.until(app, (one) => one['commandId'] === commandId, 'the command');
        expect(line['correlationId']).toBe(`anna.${commandId}`);
      }
    });
  });

  describe('contain no address, no text of a member and no token', () => {
    it('when commands succeed and are refused', async () => {
      const invitationId = await invite('bert');
      await service.ask('reply', { invitationId, actorId: 'bert', message: `${TEXT}?` });
      await service.ask('accept', { invitationId, actorId: 'bert' });
      const withdrawn = await invite('carl');
      await service.ask('withdraw', { invitationId: withdrawn, actorId: 'anna' });
      for (const recipientEmail of [address('wrong'), address('carl')]) {
        await service.ask('send', { inviterId: 'anna', recipientId: 'carl', recipientEmail });
      }
      await service.ask('lift-restriction', {
        accountId: 'anna',
        operatorId: 'olga',
        reason: `wrote to ${address('anna')}`,
      });
      const refused = { recipientId: 'nobody', recipientEmail: address('wrong'), message: TEXT };
      expect((await anna.request('POST', '/v1/invitations', refused)).status).toBe(422);
      expectNothingPrivate();
    });

    it('when e-mails fail temporarily and permanently, and their links are used', async () => {
      const failing = [await invite('reject-5xx'), await invite('reject-4xx')];
      for (const [correlationId, state] of [
        [failing[0], 'failed'],
        [failing[1], 'queued'],
      ]) {
        const isIt = (line: Line) => line['correlationId'] === correlationId && line['state'] === state;
        await logs.until('notification', isIt, `${state}: ${correlationId}`);
      }
      const mails = async () => (await fetch(`${standalone.endpoints.mail}/api/messages`)).text();
      await until(async () => (await mails()).includes(address('bert')), 30_000, 'an e-mail');
      const links = [...(await mails()).matchAll(/http:\/\/127\.0\.0\.1:\d+(\/l\/[\w.~-]+)/g)];
      for (const [, link] of links.slice(0, 6)) {
        for (const method of ['GET', 'POST']) {
          await fetch(`${standalone.endpoints.api}${link}`, { method });
        }
      }
      expect(links.length).toBeGreaterThan(3);
      expectNothingPrivate(...links.map(([, link]) => link!.slice('/l/'.length)));
    });

    it('when messages are not commands', async () => {
      const invalid = noCommands(service);
      await service.publish(TOPICS.commands, [...invalid, oddCommand(service)]);
      const isSetAside = saying('invalid command sent to the dead-letter topic');
      await logs.until('command', isSetAside, 'every dead letter', invalid.length);
      await logs.until('command', ({ msg }) => String(msg).startsWith('no reply:'), 'the reply-to');
      expectNothingPrivate();
    });

    it('when messages are not profiles, events or outcomes', async () => {
      await service.publish(TOPICS.profiles, noProfiles());
      for (const [topic, messages] of noEvents()) await service.publish(topic, messages);
      const admin = service.kafka.admin();
      await admin.connect();
      const outcomes = (await admin.listTopics()).find((topic) => topic.includes('.outcomes.api-'))!;
      await admin.disconnect();
      await service.publish(outcomes, noOutcomes());
      // One of them is a profile, with an address that nobody can have.
      const notProfiles = noProfiles().length - 1;
      const said: [AppName, string, number][] = [
        ['projector', NOT_A_PROFILE, notProfiles],
        ['projector', NO_ADDRESS, 1],
        ['notification', 'invalid message stored as a dead letter', notProfiles + 2 * noEvents().length],
        ['notification', NO_ADDRESS, 1],
        ['api', 'dropped an invalid outcome message', noOutcomes().length],
      ];
      for (const [app, msg, count] of said) await logs.until(app, saying(msg), msg, count);
      expectNothingPrivate();
    });

    it('when requests are invalid in any way', async () => {
      const { api } = standalone.endpoints;
      const long = `${TEXT} ${address('anna')} `.repeat(5_000);
      const ask = (path: string, init: RequestInit = {}) =>
        fetch(`${api}${path}`, {
          ...init,
          headers: { authorization: `Bearer ${anna.token}`, ...(init.headers as Record<string, string>) },
        }).then(({ status }) => status);
      const post = (body: string, headers: Record<string, string> = {}) =>
        ask('/v1/invitations', {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json', ...headers },
        });
      const sending = JSON.stringify({ recipientId: 'carl', message: TEXT });
      const path = encodeURIComponent(`${TEXT} ${address('anna')}`);
      expect([
        await post(`{"message": "${TEXT}", ${address('anna')}`),
        await post(JSON.stringify({ recipientId: address('anna'), message: TEXT })),
        await post(JSON.stringify({ recipientId: 'carl', message: [TEXT], [address('carl')]: TEXT })),
        await post(long),
        await post(sending, { 'idempotency-key': address('anna') }),
        await post(sending, { 'content-type': `text/plain; charset="${TEXT}"` }),
        await post(sending, { authorization: `Bearer ${KEY} ${address('anna')}` }),
        await ask(`/v1/inbox?cursor=${path}`),
        await ask(`/v1/inbox?limit=${path}`),
        await ask(`/v1/invitations/${path}/accept`, { method: 'POST' }),
        await ask(`/v1/commands/${path}`),
        await ask(`/${path}?email=${path}`),
        await ask(`/members/${path}`, { headers: { cookie: `session=${KEY}` } }),
        await ask('/v1/inbox', { headers: { 'x-request-id': address('anna'), 'user-agent': TEXT } }),
      ]).toEqual([400, 400, 400, 413, 400, 415, 401, 400, 400, 404, 404, 404, 401, 200]);
      await ask(`/l/${KEY}.${path}`, { method: 'POST', body: new URLSearchParams({ [TEXT]: TEXT }) });
      await noHttp(`${TEXT} ${address('anna')}\r\n\r\n`);
      await noHttp(`GET /${path} HTTP/1.1\r\nHost: ${address('anna')}\r\n${TEXT}\r\n\r\n`);
      const preferences = { all: TEXT, [address('anna')]: true };
      expect((await anna.request('PUT', '/v1/email-preferences', preferences)).status).toBe(400);
      expectNothingPrivate();
    });

    function noHttp(bytes: string): Promise<void> {
      const { hostname, port } = new URL(standalone.endpoints.api);
      return new Promise((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.end(bytes));
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.resume();
      });
    }

    it('when an operator gives a reason', async () => {
      const response = await fetch(`${standalone.endpoints.api}/v1/accounts/anna/lift-restriction`, {
        method: 'POST',
        headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
        body: JSON.stringify({ reason: `asked for by <${address('anna')}>, and talked to` }),
      });
      // No account of hers is restricted.
      expect(response.status).toBe(404);
      const line = await logs.until('api', saying('operator action'), 'the operator');
      expect(line['operator']).toMatchObject({ operatorId: 'olga', accountId: 'anna' });
      expect(JSON.stringify(line)).toContain('and talked to');
      expectNothingPrivate();
    });

    it('when an event cannot be handled', async () => {
      const client = EventStoreDBClient.connectionString(standalone.endpoints.eventStore);
      const about = { invitationId: `mallory.${randomUUID()}`, inviterId: 'mallory', recipientId: 'bert' };
      await client.appendToStream(
        streamOf('mallory'),
        [{ at: `${TEXT} ${address('bert')}`, message: TEXT }, {}].map((data) =>
          jsonEvent({
            type: 'InvitationSent',
            data: { ...about, ...data },
            metadata: { commandId: randomUUID(), schemaVersion: 1 },
          }),
        ),
      );
      await closeEventStore(client);
      const isParked = (line: Line) =>
        line['accountId'] === 'mallory' && String(line['msg']).includes('parked');
      await logs.until('projector', isParked, 'the parked account', 3);
      expectNothingPrivate();
    });
  });

  /** So far, and in what the supervisor shows of it. @param secrets more that no line may hold */
  function expectNothingPrivate(...secrets: string[]): void {
    const said = [...APPS.map((app) => logs.text(app)), standalone.output()].flatMap((text) =>
      text.split('\n'),
    );
    const words = [DOMAIN, TEXT, NAME, KEY, anna.token, bert.token, operator, ...secrets];
    const holdsOne = (line: string) => words.some((word) => line.toLowerCase().includes(word.toLowerCase()));
    expect(said.filter(holdsOne)).toEqual([]);
  }
});
