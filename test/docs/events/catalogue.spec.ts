import { describe, expect, it } from '@jest/globals';
import { STORED_TYPES } from '#libs/invitation';
import { COLUMNS } from '../../../apps/replay/src/events/event-columns.js';
import { readDocument } from '../generated.js';
import { ANALYSTS_FILE, renderAnalystsWithCatalogue } from './analysts-catalogue.js';
import { columnOf } from './catalogue.js';
import { declaredEvents } from './declared-events.js';
import { exampleEvents } from './example-events.js';

describe('the event catalogue in docs/analysts.md', () => {
  it('equals what the code says (if not, run npm run docs -- events)', () => {
    expect(readDocument(ANALYSTS_FILE)).toBe(renderAnalystsWithCatalogue());
  });

  it('contains every type that was ever stored, with its meaning and that of its fields', () => {
    const events = declaredEvents();
    expect(events.map(({ name }) => name).toSorted()).toEqual([...STORED_TYPES].toSorted());
    for (const { name, meaning, fields } of events) {
      expect([name, meaning]).toEqual([name, expect.stringMatching(/\w/)]);
      for (const field of fields)
        expect([name, field.name, field.meaning]).toEqual([name, field.name, expect.stringMatching(/\w/)]);
    }
  });

  it('has an example of each type with declared fields, and columns that the table has', () => {
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
