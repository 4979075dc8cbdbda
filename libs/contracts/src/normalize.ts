type Normal = (text: string) => string;

/** By the prototype of the class that declares a property. */
const NORMALS = new WeakMap<object, Map<string, Normal>>();

/** A text is brought into this form before it is validated. */
export const Normalize =
  (normal: Normal): PropertyDecorator =>
  (prototype, property) => {
    const normals = NORMALS.get(prototype) ?? new Map<string, Normal>();
    NORMALS.set(prototype, normals.set(String(property), normal));
  };

/** Brings the texts of an instance into their forms, those that its class inherits too. */
export function normalize(instance: object): void {
  const values = instance as Record<string, unknown>;
  let prototype: unknown = Object.getPrototypeOf(instance);
  while (typeof prototype === 'object' && prototype !== null) {
    for (const [property, normal] of NORMALS.get(prototype) ?? []) {
      const value = values[property];
      if (typeof value === 'string') values[property] = normal(value);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
}
