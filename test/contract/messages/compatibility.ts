import { isDeepStrictEqual } from 'node:util';
import type { Schema } from '../../docs/contract/json-schema.js';

/** The reader of the described messages: this service (commands, members) or others (events, outcomes). */
export type Reader = 'us' | 'others';

/**
 * Returns the reasons why a schema must not replace a released one. A schema that this service reads must accept
 * everything that it accepted before. A schema that others read must guarantee everything that it guaranteed before.
 * Each reason starts with the name of the field.
 */
export function incompatibilities(released: Schema, next: Schema, reader: Reader): string[] {
  const [wide, narrow] = reader === 'us' ? [next, released] : [released, next];
  return reader === 'us'
    ? [...fieldsGone(released, next), ...outside(wide, narrow, '', reader)]
    : [...fieldsGone(released, next), ...fieldsClosed(released, next), ...outside(wide, narrow, '', reader)];
}

/** A removed field: its writers are rejected, or its readers find nothing. */
const fieldsGone = (released: Schema, next: Schema): string[] =>
  Object.keys(released.properties ?? {})
    .filter((field) => next.properties?.[field] === undefined)
    .map((field) => `${field}: it was removed`);

/** A schema that excluded other fields must not add one. */
const fieldsClosed = (released: Schema, next: Schema): string[] =>
  released.additionalProperties === false
    ? Object.keys(next.properties ?? {})
        .filter((field) => released.properties?.[field] === undefined)
        .map((field) => `${field}: it was added, but readers were told that there are no other fields`)
    : [];

/** Enums that others read and that may get more values without notice (docs/contract-policy.md). */
const OPEN_ENUMS: ReadonlySet<string> = new Set(['OutcomeCode']);

/** Keywords without a meaning for validation. */
const WORDS = new Set(['$schema', '$id', 'title', 'description', 'examples']);

/** Returns where values of the narrow schema violate the wide one. Keywords that cannot be compared must be equal. */
function outside(wide: Schema, narrow: Schema, at: string, reader: Reader): string[] {
  const problems: string[] = [];
  const say = (what: string) => problems.push(`${at || 'the message'}: ${what}`);
  const wider = reader === 'us' ? 'was' : 'is now';
  const tighter = reader === 'us' ? 'is now' : 'was';

  for (const type of types(narrow)) {
    if (types(wide).size > 0 && !types(wide).has(type) && !(type === 'integer' && types(wide).has('number')))
      say(
        `its type ${wider} ${[...types(narrow)].join(' or ')}, and ${tighter} ${[...types(wide)].join(' or ')}`,
      );
  }
  const allowed = values(wide);
  if (allowed !== undefined) {
    const given = values(narrow);
    const more = given?.filter((value) => !allowed.some((one) => isDeepStrictEqual(one, value)));
    if (more === undefined) say(`it ${wider} any value, and ${tighter} one of ${allowed.join(', ')}`);
    else if (more.length > 0 && !(reader === 'others' && OPEN_ENUMS.has(narrow.title ?? '')))
      say(reader === 'us' ? `it no longer takes ${more.join(', ')}` : `it may now be ${more.join(', ')}`);
  }
  for (const [keyword, sign] of BOUNDS) {
    const [limit, given] = [wide[keyword], narrow[keyword]];
    if (limit !== undefined && (given === undefined || (given - limit) * sign > 0))
      say(`its ${keyword} ${wider} ${given ?? 'open'}, and ${tighter} ${limit}`);
  }
  for (const field of wide.required ?? []) {
    if (narrow.required?.includes(field) !== true)
      problems.push(`${join(at, field)}: ${reader === 'us' ? 'it is now required' : 'it may now be absent'}`);
  }
  if (reader === 'us' && wide.additionalProperties === false && narrow.additionalProperties !== false)
    say('other fields were ignored, and are now rejected');
  for (const keyword of new Set([...Object.keys(wide), ...Object.keys(narrow)])) {
    const [limit, given] = [wide, narrow].map((schema) => (schema as Record<string, unknown>)[keyword]);
    if (COMPARED.has(keyword) || WORDS.has(keyword) || limit === undefined || isDeepStrictEqual(limit, given))
      continue;
    say(`its ${keyword} has changed`);
  }
  for (const [field, schema] of Object.entries(narrow.properties ?? {})) {
    const other = wide.properties?.[field];
    if (other !== undefined) problems.push(...outside(other, schema, join(at, field), reader));
  }
  return problems;
}

/** Each keyword with the direction in which it becomes less strict. */
const BOUNDS = [
  ['maxLength', 1],
  ['minLength', -1],
  ['minimum', -1],
] as const;

const COMPARED = new Set([
  'type',
  'enum',
  'const',
  'required',
  'properties',
  'additionalProperties',
  ...BOUNDS.map(([keyword]) => keyword),
]);

const types = ({ type }: Schema): ReadonlySet<string> => new Set(type === undefined ? [] : [type].flat());

const values = (schema: Schema): readonly unknown[] | undefined =>
  schema.const === undefined ? schema.enum : [schema.const];

const join = (at: string, field: string) => (at === '' ? field : `${at}.${field}`);
