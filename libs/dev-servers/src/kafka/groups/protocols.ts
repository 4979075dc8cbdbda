import type { GroupProtocol, Member } from './member.js';

/** The names of the protocols that every member offers. */
export function commonProtocols(members: Iterable<Member>): ReadonlySet<string> {
  let common: ReadonlySet<string> | undefined;
  for (const { protocols } of members) {
    const offered = protocols.map(({ name }) => name);
    common = new Set(offered.filter((name) => !common || common.has(name)));
  }
  return common ?? new Set();
}

/** Every member votes for the first of its protocols that all offer. */
export function electProtocol(members: readonly Member[]): string {
  const common = commonProtocols(members);
  const votes = new Map<string, number>();
  for (const { protocols } of members) {
    const choice = protocols.find(({ name }) => common.has(name))!.name;
    votes.set(choice, (votes.get(choice) ?? 0) + 1);
  }
  return [...votes].toSorted(([, a], [, b]) => b - a)[0]![0];
}

export function sameProtocols(a: readonly GroupProtocol[], b: readonly GroupProtocol[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, metadata }, i) => name === b[i]!.name && metadata.equals(b[i]!.metadata))
  );
}
