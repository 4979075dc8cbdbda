import { describe, expect, it } from '@jest/globals';
import { OPERATOR_SIGNATURE_HEADER, parseCommand, signOperatorCommand } from '#libs/contracts';
import { id } from '../../../../test/support/story.js';
import { message, sending } from '../../../../test/support/command-messages.js';
import { CommandConfig, operatorSecretsOf } from '../config.js';
import { OperatorSignatureCheck, parseBatch } from './parse-batch.js';

const SECRETS = ['a', 'b'].map((letter) => letter.repeat(32));
const data = JSON.stringify({ accountId: 'amal', operatorId: 'olga', reason: 'A mistake' });
const headers = { ce_id: id(1), ce_type: 'invitations.lift-restriction.v1', 'reply-to': 'a' };
const signatureWith = (secret: string) => signOperatorCommand(secret, parseCommand(message(headers, data)));
const lift = (signature?: string) =>
  message(signature === undefined ? headers : { ...headers, [OPERATOR_SIGNATURE_HEADER]: signature }, data);

function parseWith(
  settings: { readonly OPERATOR_COMMAND_SECRETS?: string; readonly NODE_ENV?: string },
  signature?: string,
) {
  const secrets = operatorSecretsOf(Object.assign(new CommandConfig(), settings));
  return parseBatch([lift(signature), sending(2)], new OperatorSignatureCheck(secrets));
}

describe('OperatorSignatureCheck', () => {
  const secured = { OPERATOR_COMMAND_SECRETS: SECRETS.join(',') };

  it.each(SECRETS)('accepts a command that is signed with any of the secrets (D11)', (secret) => {
    const { requests, invalid } = parseWith(secured, signatureWith(secret));
    expect(requests).toHaveLength(2);
    expect(invalid).toEqual([]);
  });

  it.each([
    ['unsigned', secured, undefined],
    ['signed with another secret', secured, signatureWith('c'.repeat(32))],
    ['unsigned in production without secrets', { NODE_ENV: 'production' }, undefined],
    ['signed in production without secrets', { NODE_ENV: 'production' }, signatureWith(SECRETS[0]!)],
  ])('refuses a command that is %s, and takes the commands beside it', (_, settings, signature) => {
    const { requests, invalid } = parseWith(settings, signature);
    expect(requests.map(({ command }) => command.commandId)).toEqual([id(2)]);
    expect(invalid).toMatchObject([
      {
        commandId: id(1),
        replyTo: { topic: 'a', id: id(1) },
        reason: expect.stringContaining(OPERATOR_SIGNATURE_HEADER),
      },
    ]);
  });

  it('accepts an unsigned command in development, as the contract has it', () => {
    expect(parseWith({}).requests).toHaveLength(2);
  });
});
