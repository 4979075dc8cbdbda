import { describe, expect, it } from '@jest/globals';
import {
  accountOfCommand,
  actorOfCommand,
  COMMAND_TYPES,
  correlationOfCommand,
  parseCommand,
  serviceCommandId,
  SERVICE_COMMAND_TYPES,
  SYSTEM_ACTOR,
  type CommandMessage,
  type CommandType,
} from '#libs/contracts';

const COMMAND_ID = '0f8d3b0e-5c3f-4a53-9d53-3a4f2b7c1e90';
const INVITATION = 'amal.3f0c8a52-6a0f-4a35-9f0e-5b1c6f1d2e3a';
const ON_INVITATION = { invitationId: INVITATION, actorId: 'bilal' };

interface Example {
  readonly data: object;
  readonly account: string;
  readonly actor: string;
  readonly correlation: string;
}

const onInvitation = (data: object): Example => ({
  data,
  account: 'amal',
  actor: 'bilal',
  correlation: INVITATION,
});

const EXAMPLES: Readonly<Record<CommandType, Example>> = {
  'invitations.send.v1': {
    data: { inviterId: 'amal', recipientId: 'bilal' },
    account: 'amal',
    actor: 'amal',
    correlation: `amal.${COMMAND_ID}`,
  },
  'invitations.accept.v1': onInvitation(ON_INVITATION),
  'invitations.reply.v1': onInvitation({ ...ON_INVITATION, message: 'Who are you?' }),
  'invitations.ignore.v1': onInvitation(ON_INVITATION),
  'invitations.restore.v1': onInvitation(ON_INVITATION),
  'invitations.decline.v1': onInvitation(ON_INVITATION),
  'invitations.withdraw.v1': onInvitation(ON_INVITATION),
  'invitations.lift-restriction.v1': {
    data: { accountId: 'amal', operatorId: 'olga', reason: 'talked' },
    account: 'amal',
    actor: 'olga',
    correlation: COMMAND_ID,
  },
  'invitations.close-account.v1': {
    data: { accountId: 'amal', operatorId: 'olga' },
    account: 'amal',
    actor: 'olga',
    correlation: COMMAND_ID,
  },
  'invitations.remind.v1': {
    data: { invitationId: INVITATION, ordinal: 1 },
    account: 'amal',
    actor: SYSTEM_ACTOR,
    correlation: INVITATION,
  },
  'invitations.expire.v1': {
    data: { invitationId: INVITATION, recipientId: 'bilal' },
    account: 'amal',
    actor: SYSTEM_ACTOR,
    correlation: INVITATION,
  },
  'invitations.close-invitation.v1': {
    data: { invitationId: INVITATION, recipientId: 'bilal' },
    account: 'amal',
    actor: SYSTEM_ACTOR,
    correlation: INVITATION,
  },
  'invitations.end-connection.v1': {
    data: { accountId: 'bilal', memberId: 'amal', leaverId: 'amal' },
    account: 'bilal',
    actor: SYSTEM_ACTOR,
    correlation: serviceCommandId('example'),
  },
  'invitations.record-connection.v1': {
    data: { accountId: 'bilal', memberId: 'amal', through: INVITATION },
    account: 'bilal',
    actor: SYSTEM_ACTOR,
    correlation: INVITATION,
  },
};

function parse(type: CommandType, data: object): CommandMessage {
  const id = SERVICE_COMMAND_TYPES.has(type) ? serviceCommandId('example') : COMMAND_ID;
  const headers: Readonly<Record<string, string>> = { ce_id: id, ce_type: type };
  return parseCommand({ value: Buffer.from(JSON.stringify(data)), header: (name) => headers[name] });
}

describe('commands.dto', () => {
  it.each(Object.keys(COMMAND_TYPES) as CommandType[])(
    'tell the account, the actor and the correlation of %s (D8, D11)',
    (type) => {
      const { data, account, actor, correlation } = EXAMPLES[type];
      const command = parse(type, data);
      expect(accountOfCommand(command)).toBe(account);
      expect(actorOfCommand(command)).toBe(actor);
      expect(correlationOfCommand(command)).toBe(correlation);
    },
  );
});
