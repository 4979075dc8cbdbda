import { validateSync, type ValidationError } from 'class-validator';
import { isFlawless } from './flawless.js';
import { normalize } from './normalize.js';

/** What came from outside is not what it should be. The message names fields, never values: those may be personal. */
export class InvalidData extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

/** By these an assignment would reach a prototype. */
const REACHING_PROTOTYPES = ['__proto__', 'constructor'];

/**
 * An instance of the class, made from what JSON gave.
 * @param unknownFields refused in what asks us to act; dropped from what tells us a fact, whose writer may be newer
 * @throws InvalidData
 */
export function validated<T extends object>(
  type: new () => T,
  plain: unknown,
  unknownFields: 'refuse' | 'drop' = 'refuse',
): T {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw new InvalidData(['data must be a JSON object']);
  }
  for (const name of Object.keys(plain)) {
    // Names that every object has (toString) validation takes for known ones.
    if (name in Object.prototype && (unknownFields === 'refuse' || REACHING_PROTOTYPES.includes(name))) {
      throw new InvalidData([`property ${name} should not exist`]);
    }
  }
  if (unknownFields === 'refuse' && Object.keys(plain).length > MOST_FIELDS) {
    throw new InvalidData([`data has more than ${MOST_FIELDS} properties`]);
  }
  const instance = Object.assign(new type(), plain);
  normalize(instance);
  if (isFlawless(type, instance)) return withoutNulls(instance);
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: unknownFields === 'refuse',
    forbidUnknownValues: true,
    stopAtFirstError: true,
  });
  if (errors.length > 0) throw new InvalidData(errors.slice(0, MOST_PROBLEMS).flatMap(problemsOf));
  return withoutNulls(instance);
}

/** Far more than anything has. Each that is unknown costs time: thousands of them would hold up everybody else. */
const MOST_FIELDS = 1_000;

/** Enough to repair a publisher by; a reason is a header of the dead letter, and a line in a log. */
const MOST_PROBLEMS = 10;

/** What may be the name of a field. Anything else is told by no name: whoever made it may have put a value there. */
const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

const problemsOf = (error: ValidationError): string[] =>
  FIELD_NAME.test(error.property) ? Object.values(error.constraints ?? {}) : ['a property should not exist'];

/** Only a field that may be absent can be null by now, and means that: some writers put null for nothing. */
function withoutNulls<T extends object>(instance: T): T {
  const fields = instance as Record<string, unknown>;
  for (const name in fields) if (fields[name] === null) fields[name] = undefined;
  return instance;
}
