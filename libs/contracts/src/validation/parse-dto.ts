import { validateSync, type ValidationError, getMetadataStorage, ValidationTypes } from 'class-validator';
import { normalize } from '../fields.js';

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

type Instance = Readonly<Record<string, unknown>>;
type Check = (object: Instance, value: unknown) => boolean;

/** The decorators of one property. */
interface Property {
  readonly name: string;
  /** Conditions under which the property is validated: `IsOptional` and similar decorators. */
  readonly conditions: readonly Check[];
  readonly checks: readonly Check[];
}

const compiled = new Map<unknown, readonly Property[] | undefined>();

/**
 * Whether the instance is valid: class-validator, with `whitelist` and `forbidUnknownValues`, would report no error. It runs
 * the constraints of the class's decorators directly (README.md). False means that class-validator has to decide.
 */
export function passesFastValidation(type: new () => object, instance: object): boolean {
  if (!compiled.has(type)) compiled.set(type, compile(type));
  const properties = compiled.get(type);
  if (properties === undefined) return false;
  const object = instance as Instance;
  let known = 0;
  for (const { name, conditions, checks } of properties) {
    const value = object[name];
    if (Object.hasOwn(object, name)) known += 1;
    if (!conditions.every((holds) => holds(object, value))) continue;
    for (const check of checks) if (!check(object, value)) return false;
  }
  return Object.keys(object).length === known;
}

/** Undefined for a class with decorators other than constraints on plain values: nested objects, lists, promises. */
function compile(type: new () => object): readonly Property[] | undefined {
  const storage = getMetadataStorage();
  const all = storage.getTargetValidationMetadatas(type, '', false, false);
  const properties: Property[] = [];
  for (const [name, metadatas] of Object.entries(storage.groupByPropertyName(all))) {
    const conditions: Check[] = [];
    const checks: Check[] = [];
    for (const metadata of metadatas) {
      const { type: kind, constraints, constraintCls, each, validateIf } = metadata;
      if (kind === ValidationTypes.CONDITIONAL_VALIDATION) {
        conditions.push(constraints[0] as Check);
      } else if (kind === ValidationTypes.CUSTOM_VALIDATION && !each && validateIf === undefined) {
        for (const constraint of storage.getTargetValidatorConstraints(constraintCls)) {
          if (constraint.async) return undefined;
          checks.push((object, value) => {
            const args = { targetName: type.name, property: name, object, value, constraints };
            return constraint.instance.validate(value, args) === true;
          });
        }
      } else return undefined;
    }
    properties.push({ name, conditions, checks });
  }
  return properties.length === 0 ? undefined : properties;
}
