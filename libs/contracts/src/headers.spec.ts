import { describe, expect, it } from '@jest/globals';
import { parseCommand, serviceCommandId } from './index.js';

const ID = '7a1c0e52-0000-4000-8000-000000000001';
const VERSION_8 = '7a1c0e52-0000-8000-8000-000000000001';

function message(headers: Record<string, string | string[] | undefined>, data?: object) {
  const all = { ce_id: ID, ce_type: 'invitations.send.v1', ...headers };
  return {
    value: Buffer.from(JSON.stringify(data ?? { inviterId: 'amal', recipientId: 'bilal' })),
    headers: all,
    header: (name: string) => [(all as Record<string, string | string[] | undefined>)[name]].flat()[0],
  };
}

describe('the headers of a command in parseCommand', () => {
  it.each([
    ['no optional field of CloudEvents', {}],
    ['a charset for JSON', { 'content-type': 'application/json; charset=utf-8' }],
    ['JSON in capitals', { 'content-type': 'Application/JSON' }],
    ['a kind of JSON', { 'content-type': 'application/vnd.example.invitation+json' }],
    ['version 1.0 of CloudEvents', { ce_specversion: '1.0' }],
    ['extensions, also repeated ones', { ce_traceparent: '00-…', tracestate: ['a=1', 'b=2'] }],
  ])('accepts headers with %s', (_what, headers) => {
    expect(parseCommand(message(headers)).commandId).toBe(ID);
  });

  it.each([
    ['two ids', { ce_id: [ID, ID] }, 'ce_id is given more than once'],
    ['an id whose name is in capitals', { ce_id: undefined, CE_ID: ID }, 'ce_id is missing: another header'],
    ['an id as HTTP names it', { ce_id: undefined, 'ce-id': ID }, 'ce_id is missing: another header'],
    ['a content type and an id that are wrong', { ce_id: 'x', 'content-type': 'text/plain' }, 'content-type'],
    [
      'two content types',
      { 'content-type': ['application/json', 'x'] },
      'content-type is given more than once',
    ],
    ['an empty id', { ce_id: '' }, 'ce_id must be a UUID'],
    ['an id in braces', { ce_id: `{${ID}}` }, 'ce_id must be a UUID'],
    ['an id with a line feed', { ce_id: `${ID}\n` }, 'ce_id must be a UUID'],
    ['an id that only the service may use', { ce_id: VERSION_8 }, 'ce_id must not be a UUID of version 8'],
    ['two types', { ce_type: ['invitations.send.v1', 'x'] }, 'ce_type is given more than once'],
    ['a type in capitals', { ce_type: 'Invitations.Send.v1' }, 'ce_type names no command'],
    ['a type that only the service may use', { ce_type: 'invitations.remind.v1' }, 'of this service alone'],
    ['another version of CloudEvents', { ce_specversion: '0.3' }, 'ce_specversion must be 1.0'],
    ['a batch of CloudEvents', { 'content-type': 'application/cloudevents-batch+json' }, 'content-type'],
    ['CloudEvents in another format', { 'content-type': 'application/cloudevents+avro' }, 'content-type'],
    [
      'a content type that is not JSON',
      { 'content-type': 'application/avro' },
      'content-type must be application/json',
    ],
    ['a content type that only starts like JSON', { 'content-type': 'application/jsonish' }, 'content-type'],
  ])('rejects headers with %s', (_what, headers, problem) => {
    expect(() => parseCommand(message(headers))).toThrow(problem);
  });

  it('accepts ids of version 8 for commands of the service only', () => {
    const data = { invitationId: `amal.${ID}`, ordinal: 1 };
    const commandId = serviceCommandId('a reminder');
    expect(parseCommand(message({ ce_type: 'invitations.remind.v1', ce_id: commandId }, data))).toMatchObject(
      { commandId, data },
    );
  });
});
