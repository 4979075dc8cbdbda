import { getMetadataStorage, ValidationTypes } from 'class-validator';

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
