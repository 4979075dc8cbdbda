import { describe, expect, it } from '@jest/globals';
import type { Schema } from '../docs/contract/json-schema.js';
import { incompatibilities, type Reader } from './compatibility.js';

const COMMAND: Schema = {
  title: 'a command',
  type: 'object',
  properties: {
    id: { type: 'string', pattern: '^a+$' },
    text: { type: ['string', 'null'], minLength: 1, maxLength: 300, description: 'words' },
    via: { type: 'string', enum: ['site', 'email'] },
  },
  required: ['id'],
  additionalProperties: false,
};

const EVENT: Schema = {
  type: 'object',
  properties: {
    id: { type: 'string', pattern: '^a+$' },
    via: { type: 'string', enum: ['site', 'email'] },
    ordinal: { type: 'integer', minimum: 1 },
    note: { type: 'string', maxLength: 10 },
  },
  required: ['id', 'via', 'ordinal'],
};

/** A given release, when the schema is changed so: it is allowed, or these are the objections. */
const released = (schema: Schema, reader: Reader) => ({
  when(change: Partial<Schema>) {
    const found = incompatibilities(schema, { ...schema, ...change }, reader);
    return {
      allowed: () => expect(found).toEqual([]),
      objects: (...problems: string[]) => expect(found).toEqual(problems),
    };
  },
  whenField(field: string, change: Schema) {
    const properties = { ...schema.properties, [field]: { ...schema.properties?.[field], ...change } };
    return this.when({ properties });
  },
});

const given = {
  command: released(COMMAND, 'us'),
  event: released(EVENT, 'others'),
  release: released,
};
const without = ({ properties }: Schema, field: string) =>
  Object.fromEntries(Object.entries(properties!).filter(([name]) => name !== field));

describe('a command, which this service reads', () => {
  it('may stay as it is, or change its words', () => {
    given.command.when({}).allowed();
    given.command.when({ title: 'other words', $schema: 'elsewhere' }).allowed();
    given.command.whenField('text', { description: 'other words' }).allowed();
  });

  it('may take more: a field that may be absent, a value, a length, anything', () => {
    given.command.whenField('colour', { type: 'string' }).allowed();
    given.command.whenField('via', { enum: ['site', 'email', 'app'] }).allowed();
    given.command.whenField('text', { maxLength: 301, minLength: 0 }).allowed();
    given.command.whenField('id', { type: ['string', 'null'] }).allowed();
    given.command.when({ required: [] }).allowed();
    given.command.when({ additionalProperties: true }).allowed();
  });

  it('may not ask for more', () => {
    given.command.when({ required: ['id', 'text'] }).objects('text: it is now required');
    given.command
      .whenField('text', { maxLength: 299 })
      .objects('text: its maxLength was 300, and is now 299');
    given.command.whenField('text', { minLength: 2 }).objects('text: its minLength was 1, and is now 2');
    given.command
      .whenField('text', { type: 'string' })
      .objects('text: its type was string or null, and is now string');
    given.command.whenField('via', { enum: ['site'] }).objects('via: it no longer takes email');
    given.command.whenField('id', { enum: ['a'] }).objects('id: it was any value, and is now one of a');
    given.command.whenField('id', { maxLength: 3 }).objects('id: its maxLength was open, and is now 3');
    given.command.whenField('id', { pattern: '^a$' }).objects('id: its pattern has changed');
    given.command.whenField('text', { format: 'uri' }).objects('text: its format has changed');
  });

  it('may not refuse a field that it took', () => {
    given.command.when({ properties: without(COMMAND, 'via') }).objects('via: it was removed');
    given
      .release({ ...COMMAND, additionalProperties: true }, 'us')
      .when({ additionalProperties: false })
      .objects('the message: other fields were passed over, and are now refused');
  });

  it('may lose a pattern', () => {
    given.command.when({ properties: { ...COMMAND.properties, id: { type: 'string' } } }).allowed();
  });
});

describe('an event, which others read', () => {
  it('may have one more field, or promise more', () => {
    given.event.when({}).allowed();
    given.event.whenField('mood', { type: 'string' }).allowed();
    given.event.when({ required: ['id', 'via', 'ordinal', 'note'] }).allowed();
    given.event.whenField('via', { enum: ['site'] }).allowed();
    given.event.whenField('ordinal', { minimum: 2 }).allowed();
    given.event.whenField('note', { maxLength: 9 }).allowed();
  });

  it('may not lose a field, not even one that may be absent', () => {
    given.event.when({ properties: without(EVENT, 'note') }).objects('note: it was removed');
    given.event.when({ required: ['id', 'ordinal'] }).objects('via: it may now be absent');
    given.event
      .when({ properties: without(EVENT, 'id'), required: ['via', 'ordinal'] })
      .objects('id: it was removed', 'id: it may now be absent');
  });

  it('may not be what nobody expects', () => {
    given.event.whenField('via', { enum: ['site', 'email', 'app'] }).objects('via: it may now be app');
    given.event
      .whenField('ordinal', { type: 'string' })
      .objects('ordinal: its type is now string, and was integer');
    given.event
      .whenField('ordinal', { type: ['integer', 'null'] })
      .objects('ordinal: its type is now integer or null, and was integer');
    given.event.whenField('ordinal', { minimum: 0 }).objects('ordinal: its minimum is now 0, and was 1');
    given.event.whenField('note', { maxLength: 11 }).objects('note: its maxLength is now 11, and was 10');
    given.event.whenField('id', { pattern: '^b+$' }).objects('id: its pattern has changed');
  });

  it('may not say more where readers were told that this is all', () => {
    given
      .release({ ...EVENT, additionalProperties: false }, 'others')
      .when({ properties: { ...EVENT.properties, mood: { type: 'string' } } })
      .objects('mood: it was added, but readers were told that there are no other fields');
  });

  it('an integer is a number', () => {
    given.release({ type: 'number' }, 'others').when({ type: 'integer' }).allowed();
  });
});
