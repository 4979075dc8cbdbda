import { Group } from './group.js';

/** The groups that have members, or somebody about to become one. */
export class Groups {
  private readonly groups = new Map<string, Group>();

  constructor(
    private readonly firstRebalanceDelayMs = 0,
    private readonly shortestSessionMs?: number,
  ) {}

  find(id: string): Group | undefined {
    return this.groups.get(id);
  }

  /** The group of that id, made when there is none. Whoever calls this joins it at once. */
  open(id: string): Group {
    const present = this.groups.get(id);
    if (present) return present;
    const onAbandoned = () => {
      if (this.groups.get(id) === group) this.groups.delete(id);
    };
    const group = new Group(this.firstRebalanceDelayMs, onAbandoned, this.shortestSessionMs);
    this.groups.set(id, group);
    return group;
  }

  ids(): string[] {
    return [...this.groups.keys()];
  }
}
