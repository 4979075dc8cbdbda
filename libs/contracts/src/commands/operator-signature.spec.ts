import { describe, expect, it } from '@jest/globals';
import { parseCommand } from './parse-command.js';
import { isSignedOperatorCommand, signOperatorCommand } from './command-digest.js';

const lift = (data: object = {}, id = '00000000-0000-4000-8000-00000000000a') => {
  const headers: Record<string, string> = { ce_id: id, ce_type: 'invitations.lift-restriction.v1' };
  const value = { accountId: 'amal', operatorId: 'olga', reason: 'A mistake', ...data };
  return parseCommand({ value: Buffer.from(JSON.stringify(value)), header: (name) => headers[name] });
};

describe('the signature of an operator command', () => {
  const signature = signOperatorCommand('new', lift());

  it('is valid for the command that was signed, with any of the secrets', () => {
    expect(isSignedOperatorCommand(['new'], lift(), signature)).toBe(true);
    expect(isSignedOperatorCommand(['newer', 'new'], lift(), signature)).toBe(true);
  });

  it.each([
    ['another secret', ['old'], lift(), signature],
    ['no secret', [], lift(), signature],
    ['another account', ['new'], lift({ accountId: 'bilal' }), signature],
    ['another operator', ['new'], lift({ operatorId: 'anna' }), signature],
    ['another reason', ['new'], lift({ reason: 'Another one' }), signature],
    ['another id', ['new'], lift({}, '00000000-0000-4000-8000-00000000000b'), signature],
    ['no signature', ['new'], lift(), undefined],
    ['an empty signature', ['new'], lift(), ''],
  ])('is not valid with %s', (_, secrets, command, given) => {
    expect(isSignedOperatorCommand(secrets, command, given)).toBe(false);
  });
});
