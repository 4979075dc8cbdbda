import { validateSync, type ValidationError } from 'class-validator';
import { normalize } from '../fields/decorators.js';
import { passesFastValidation } from './fast-validate.js';

/** Data from outside is not valid. The message names fields, never values, because those may be personal. */
export class InvalidDataError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

/** Names by which an assignment would reach a prototype. */
const PROTOTYPE_NAMES = ['__proto__', 'constructor'];

/** More fields than any DTO has. Each unknown field costs time, and thousands of them would delay other commands. */
const MAX_FIELDS = 1_000;

/** Enough to repair a publisher. The problems become a header of the dead letter, and a line in a log. */
const MAX_PROBLEMS = 10;

/** Names that may be quoted in a problem. Any other name may contain a value. */
const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/**
 * Creates a valid instance of a DTO class from parsed JSON.
 * @param unknownFields `refuse` for commands; `drop` for facts, whose publisher may have a newer contract
 * @throws InvalidDataError
 */
export function parseDto<T extends object>(
  type: new () => T,
  plain: unknown,
  unknownFields: 'refuse' | 'drop' = 'refuse',
): T {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw new InvalidDataError(['data must be a JSON object']);
  }
  for (const name of Object.keys(plain)) {
    // class-validator takes a name that every object has, such as toString, for a known field.
    if (name in Object.prototype && (unknownFields === 'refuse' || PROTOTYPE_NAMES.includes(name))) {
      throw new InvalidDataError([`property ${name} should not exist`]);
    }
  }
  if (unknownFields === 'refuse' && Object.keys(plain).length > MAX_FIELDS) {
    throw new InvalidDataError([`data has more than ${MAX_FIELDS} properties`]);
  }
  const instance = Object.assign(new type(), plain);
  normalize(instance);
  if (passesFastValidation(type, instance)) return withoutNulls(instance);
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: unknownFields === 'refuse',
    forbidUnknownValues: true,
    stopAtFirstError: true,
  });
  if (errors.length > 0) throw new InvalidDataError(errors.slice(0, MAX_PROBLEMS).flatMap(problemsOf));
  return withoutNulls(instance);
}

const problemsOf = (error: ValidationError): string[] =>
  FIELD_NAME.test(error.property) ? Object.values(error.constraints ?? {}) : ['a property should not exist'];

/** Turns null into undefined: only an optional field can be null here, and some publishers write null for an absent field. */
function withoutNulls<T extends object>(instance: T): T {
  const fields = instance as Record<string, unknown>;
  for (const name in fields) if (fields[name] === null) fields[name] = undefined;
  return instance;
}
