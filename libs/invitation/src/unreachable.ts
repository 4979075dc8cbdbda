/** The end of an exhaustive switch: a case added to the union and forgotten here does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
