import { describe, expect, it } from '@jest/globals';
import type { Schema } from '../../docs/contract/json-schema.js';
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

/** Given a release, when the schema is changed, then the change is allowed, or has these objections. */
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

describe('a change of a command', () => {
  it('is compatible if only its descriptions change', () => {
    given.command.when({}).allowed();
    given.command.when({ title: 'other words', $schema: 'elsewhere' }).allowed();
    given.command.whenField('text', { description: 'other words' }).allowed();
  });

  it('is compatible if it accepts more: an optional field, a value, a length, any field', () => {
    given.command.whenField('colour', { type: 'string' }).allowed();
    given.command.whenField('via', { enum: ['site', 'email', 'app'] }).allowed();
    given.command.whenField('text', { maxLength: 301, minLength: 0 }).allowed();
    given.command.whenField('id', { type: ['string', 'null'] }).allowed();
    given.command.when({ required: [] }).allowed();
    given.command.when({ additionalProperties: true }).allowed();
  });

  it('breaks publishers if it requires more', () => {
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

  it('breaks publishers if it rejects a field that it accepted', () => {
    given.command.when({ properties: without(COMMAND, 'via') }).objects('via: it was removed');
    given
      .release({ ...COMMAND, additionalProperties: true }, 'us')
      .when({ additionalProperties: false })
      .objects('the message: other fields were ignored, and are now rejected');
  });

  it('is compatible if it drops a pattern', () => {
    given.command.when({ properties: { ...COMMAND.properties, id: { type: 'string' } } }).allowed();
  });
});

describe('a change of an event', () => {
  it('is compatible if it has one more field, or guarantees more', () => {
    given.event.when({}).allowed();
    given.event.whenField('mood', { type: 'string' }).allowed();
    given.event.when({ required: ['id', 'via', 'ordinal', 'note'] }).allowed();
    given.event.whenField('via', { enum: ['site'] }).allowed();
    given.event.whenField('ordinal', { minimum: 2 }).allowed();
    given.event.whenField('note', { maxLength: 9 }).allowed();
  });

  it('breaks consumers if it drops a field, even an optional one', () => {
    given.event.when({ properties: without(EVENT, 'note') }).objects('note: it was removed');
    given.event.when({ required: ['id', 'ordinal'] }).objects('via: it may now be absent');
    given.event
      .when({ properties: without(EVENT, 'id'), required: ['via', 'ordinal'] })
      .objects('id: it was removed', 'id: it may now be absent');
  });

  it('is compatible if an enum that is open by the contract has one more value', () => {
    const code: Schema = { title: 'OutcomeCode', type: 'string', enum: ['NOT_OPEN'] };
    given
      .release({ type: 'object', properties: { code } }, 'others')
      .whenField('code', { ...code, enum: ['NOT_OPEN', 'GONE'] })
      .allowed();
  });

  it('breaks consumers if a field may have new values', () => {
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

  it('breaks consumers if it adds a field after additionalProperties: false', () => {
    given
      .release({ ...EVENT, additionalProperties: false }, 'others')
      .when({ properties: { ...EVENT.properties, mood: { type: 'string' } } })
      .objects('mood: it was added, but readers were told that there are no other fields');
  });

  it('is compatible if a number becomes an integer', () => {
    given.release({ type: 'number' }, 'others').when({ type: 'integer' }).allowed();
  });
});
