import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Deployed } from '../support/deployed.js';

const secret = () => randomBytes(32).toString('base64url');

/** Everybody who may publish commands could otherwise lift restrictions in the name of an operator (ADR 16). */
describe('the restriction of an account, with secrets of operators', () => {
  let deployed: Deployed;

  beforeAll(async () => {
    deployed = await Deployed.start();
    const [current, next] = [secret(), secret()];
    await Promise.all([deployed.app('command').stop(), deployed.app('api').stop()]);
    await Promise.all([
      // During a rotation the command app has both secrets, and the api signs with its first one.
      deployed.startApp('command', {
        OPERATOR_COMMAND_SECRETS: `${next},${current}`,
        RESTRICT_AFTER_DECLINES: '1',
      }),
      deployed.startApp('api', { OPERATOR_COMMAND_SECRETS: current }),
    ]);
    await deployed.service.members('amal', 'bilal', 'chiara');
    await deployed.service.untilKnown('bilal', 'chiara');
    const id = randomUUID();
    await deployed.service.ask('send', { inviterId: 'amal', recipientId: 'bilal' }, id);
    for (const type of ['ignore', 'decline'])
      await deployed.service.ask(type, { invitationId: `amal.${id}`, actorId: 'bilal' });
  }, 300_000);
  afterAll(() => deployed?.stop());

  const invite = () => deployed.service.ask('send', { inviterId: 'amal', recipientId: 'chiara' });

  it('stays when another publisher sends the command to lift it', async () => {
    const forged = { accountId: 'amal', operatorId: 'olga', reason: 'A mistake' };
    expect(await deployed.service.ask('lift-restriction', forged)).toMatchObject({
      outcome: 'refused',
      code: 'INVALID_COMMAND',
      reason: expect.stringContaining('operator-signature'),
    });
    expect(await invite()).toMatchObject({ code: 'ACCOUNT_RESTRICTED' });
  });

  it('is lifted by an operator at the api, which signs the command', async () => {
    const { status } = await fetch(`${deployed.api}/v1/accounts/amal/lift-restriction`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await deployed.issuer.token('olga', 'operator')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ reason: 'A mistake' }),
    });
    expect(status).toBe(200);
    expect(await invite()).toMatchObject({ outcome: 'accepted' });
  });
});
