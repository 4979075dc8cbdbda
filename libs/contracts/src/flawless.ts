import { getMetadataStorage, ValidationTypes } from 'class-validator';

type Value = Readonly<Record<string, unknown>>;
type Check = (object: Value, value: unknown) => boolean;

/** What the decorators of one property ask. */
interface Property {
  readonly name: string;
  /** Whether the property is to be looked at at all: `IsOptional` and its like. */
  readonly conditions: readonly Check[];
  readonly checks: readonly Check[];
}

const compiled = new Map<unknown, readonly Property[] | undefined>();

/**
 * Whether class-validator, which whitelists and forbids unknown values, would find nothing to object to. It runs the same
 * constraints, by the decorators of the class, without what class-validator builds for each object to be able to say
 * what is wrong; that took a third of all that a command took. False means: ask class-validator.
 */
export function isFlawless(type: new () => object, instance: object): boolean {
  if (!compiled.has(type)) compiled.set(type, compile(type));
  const properties = compiled.get(type);
  if (properties === undefined) return false;
  const object = instance as Value;
  let known = 0;
  for (const { name, conditions, checks } of properties) {
    const value = object[name];
    if (Object.hasOwn(object, name)) known += 1;
    if (!conditions.every((holds) => holds(object, value))) continue;
    for (const check of checks) if (!check(object, value)) return false;
  }
  return Object.keys(object).length === known;
}

/** Undefined for a class that asks for more than constraints on plain values: nested objects, lists, promises. */
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
