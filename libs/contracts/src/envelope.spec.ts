import { describe, expect, it } from '@jest/globals';
import { parseCommand } from './index.js';

const ID = '7A1C0E52-0000-4000-8000-00000000000A';
const DATA = { inviterId: 'amal', recipientId: 'bilal' };
const EVENT = { specversion: '1.0', id: ID, type: 'invitations.send.v1', source: '/test', data: DATA };

function structured(event: unknown, headers: Record<string, string> = {}) {
  const all: Record<string, string> = { 'content-type': 'application/cloudevents+json', ...headers };
  return {
    value: Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)),
    headers: all,
    header: (name: string) => all[name],
  };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a command in structured mode', () => {
  it.each<[string, object, Record<string, string>?]>([
    ['with the attributes that CloudEvents requires', EVENT],
    ['with every attribute', { ...EVENT, subject: 'x', time: '2026-01-05T09:00:00Z', dataschema: '/x' }],
    ['with null for attributes that are absent', { ...EVENT, datacontenttype: null, subject: null }],
    ['with extensions of any kind', { ...EVENT, traceparent: '00-…', sequence: 1, urgent: true }],
    ['with a content type of its data', { ...EVENT, datacontenttype: 'application/json; charset=utf-8' }],
    ['with its data in base64', { ...EVENT, data: undefined, data_base64: base64(JSON.stringify(DATA)) }],
    ['with a charset', EVENT, { 'content-type': 'Application/CloudEvents+JSON; charset=UTF-8' }],
    ['with other attributes in its headers, which do not count', EVENT, { ce_id: 'x', ce_type: 'y' }],
  ])('is parsed %s', (_what, event, headers = {}) => {
    expect(parseCommand(structured(event, headers))).toEqual({
      type: 'invitations.send.v1',
      commandId: ID.toLowerCase(),
      data: DATA,
    });
  });

  it.each<[string, unknown, string]>([
    ['not JSON', '{', 'the message is not JSON'],
    ['a list', [EVENT], 'the CloudEvent must be a JSON object'],
    ['without an id', { ...EVENT, id: undefined }, 'attribute id must be a UUID'],
    ['with a number as its id', { ...EVENT, id: 17 }, 'attribute id must be a text'],
    ['with an id that is not a UUID', { ...EVENT, id: 'order-17' }, 'attribute id must be a UUID'],
    ['with another type', { ...EVENT, type: 'x' }, 'attribute type names no command'],
    ['with another version', { ...EVENT, specversion: '0.3' }, 'attribute specversion must be 1.0'],
    ['without data', { ...EVENT, data: undefined }, 'data must be a JSON object'],
    ['with a text as data', { ...EVENT, data: JSON.stringify(DATA) }, 'data must be a JSON object'],
    ['with data twice', { ...EVENT, data_base64: base64('{}') }, 'data and data_base64 exclude each other'],
    ['with data that is not JSON', { ...EVENT, datacontenttype: 'text/xml' }, 'datacontenttype must be'],
    [
      'with an attribute twice',
      JSON.stringify(EVENT).replace('{', `{"id":"${ID}",`),
      'names a property twice',
    ],
    ['with an unknown field', { ...EVENT, data: { ...DATA, colour: 'red' } }, 'colour should not exist'],
  ])('is rejected if it is %s', (_what, event, problem) => {
    expect(() => parseCommand(structured(event))).toThrow(problem);
  });
});
