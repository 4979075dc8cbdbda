import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Deployed } from '../support/deployed.js';
import { runTool } from '../support/run-tool.js';
import { until } from '../support/until.js';

const SECRET = randomBytes(32).toString('base64url');

/** Amal is connected with Bilal, has invited Chiara, and was invited by Dalia. Then she leaves. */
describe('an account that an operator closes (D23)', () => {
  let deployed: Deployed;
  const invitations: Record<string, string> = {};

  beforeAll(async () => {
    deployed = await Deployed.start();
    await deployed.app('command').stop();
    await deployed.startApp('command', { OPERATOR_COMMAND_SECRETS: SECRET });
    await deployed.service.members('amal', 'bilal', 'chiara', 'dalia', 'emre');
    await deployed.service.untilKnown('amal', 'bilal', 'chiara', 'emre');
    for (const [inviterId, recipientId] of [
      ['amal', 'bilal'],
      ['amal', 'chiara'],
      ['dalia', 'amal'],
    ] as const) {
      const id = randomUUID();
      await ask('send', { inviterId, recipientId }, id);
      invitations[recipientId] = `${inviterId}.${id}`;
    }
    await answer('accept', 'bilal');
    await until(async () => (await items('bilal', 'connections')) === 1, 60_000, 'the connection');
    await until(async () => (await items('chiara', 'inbox')) > 0, 60_000, 'the invitation');
  }, 300_000);
  afterAll(() => deployed?.stop());

  async function ask(type: string, data: Record<string, string>, id?: string): Promise<string> {
    const { outcome, code } = await deployed.service.ask(type, data, id);
    return code ?? outcome;
  }
  const answer = (type: string, recipientId: string) =>
    ask(type, { invitationId: invitations[recipientId]!, actorId: recipientId });

  /** @returns how many items of Amal's a list of a member has */
  async function items(memberId: string, list: 'inbox' | 'connections'): Promise<number> {
    const headers = { authorization: `Bearer ${await deployed.issuer.token(memberId)}` };
    const response = await fetch(`${deployed.api}/v1/${list}`, { headers });
    return (JSON.stringify(await response.json()).match(/"amal"/g) ?? []).length;
  }

  it('stays open when another publisher sends the command to close it', async () => {
    const forged = { accountId: 'amal', operatorId: 'olga' };
    expect(await ask('close-account', forged)).toBe('INVALID_COMMAND');
    expect(await ask('send', { inviterId: 'amal', recipientId: 'emre' })).toBe('accepted');
  });

  it('is closed by the tool, leaves the lists of others, and its owner can do nothing', async () => {
    const { code, err } = await runTool(
      'command/src/close-account.main.js',
      ['amal', '--operator', 'olga', '--why', 'she leaves'],
      {
        env: {
          KAFKA_BROKERS: deployed.brokers,
          DATABASE_URL: deployed.postgres,
          OPERATOR_COMMAND_SECRETS: SECRET,
        },
      },
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    // Decided from the account itself.
    expect(await ask('send', { inviterId: 'amal', recipientId: 'emre' })).toBe('ACCOUNT_RESTRICTED');
    expect(await answer('accept', 'chiara')).toBe('NOT_OPEN');
    // Decided from the projection, once it has the event.
    await until(
      async () => (await ask('send', { inviterId: 'emre', recipientId: 'amal' })) === 'RECIPIENT_UNAVAILABLE',
      60_000,
      'the projection of the accounts',
    );
    for (const type of ['accept', 'ignore']) expect(await answer(type, 'amal')).toBe('NOT_FOUND');
    await until(async () => (await items('bilal', 'connections')) === 0, 60_000, 'the end of the connection');
    await until(async () => (await items('chiara', 'inbox')) === 0, 60_000, 'the end of the invitation');
  });

  it('gets no e-mail, and none is about it', async () => {
    const { mails } = deployed.smtp;
    const before = mails.length;
    // Dalia's follow-up is refused, so only the one to Emre is mailed.
    expect(await ask('send', { inviterId: 'dalia', recipientId: 'amal' })).toBe('RECIPIENT_UNAVAILABLE');
    expect(await ask('send', { inviterId: 'dalia', recipientId: 'emre' })).toBe('accepted');
    await until(async () => mails.length > before, 60_000, 'the e-mail to Emre');
    expect(mails.slice(before).filter((mail) => mail.includes('amal@'))).toEqual([]);
  });
});
