import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { STORED_TYPES } from '#libs/invitation';
import { COLUMNS } from '../../../apps/replay/src/events/columns.js';
import { catalogue, columnOf } from './catalogue.js';
import { declaredEvents } from './declared-events.js';
import { exampleEvents } from './example-events.js';

const FILE = new URL('../../../docs/analysts.md', import.meta.url);
const BEGIN =
  '<!-- The catalogue is generated from the code by `npm run docs:events`. A spec fails when it differs. -->';
const END = '<!-- The end of the catalogue. -->';

describe('the event catalogue in docs/analysts.md', () => {
  it('says what the code does; if not, npm run docs:events', () => {
    const text = readFileSync(FILE, 'utf8');
    const [before, rest] = text.split(BEGIN);
    const [, after] = rest!.split(END);
    const wanted = [before, BEGIN, '\n\n', catalogue(), '\n\n', END, after].join('');
    if (process.env['WRITE_DOCS'] === 'events') writeFileSync(FILE, wanted);
    expect(readFileSync(FILE, 'utf8')).toBe(wanted);
  });

  it('has every type that was ever stored, each with its meaning and that of its fields', () => {
    const events = declaredEvents();
    expect(events.map(({ name }) => name).toSorted()).toEqual([...STORED_TYPES].toSorted());
    for (const { name, meaning, fields } of events) {
      expect([name, meaning]).toEqual([name, expect.stringMatching(/\w/)]);
      for (const field of fields)
        expect([name, field.name, field.meaning]).toEqual([name, field.name, expect.stringMatching(/\w/)]);
    }
  });

  it('has an example of each, with fields that are declared, and columns that the table has', () => {
    const declared = new Map(declaredEvents().map(({ name, fields }) => [name, fields]));
    const columns = new Set(COLUMNS.map(({ name }) => name));
    for (const type of STORED_TYPES) {
      const fields = declared.get(type)!;
      const { type: _type, ...example } = exampleEvents().get(type)!;
      const names = new Set(fields.map(({ name }) => name));
      expect(Object.keys(example).filter((name) => !names.has(name))).toEqual([]);
      for (const { name } of fields) expect(columns).toContain(columnOf(name));
    }
  });
});
