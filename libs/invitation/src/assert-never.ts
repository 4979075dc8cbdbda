/** Ends an exhaustive switch: a case that is missing from the switch does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
