import { Group } from './group.js';

/** The groups that have members or pending members. */
export class Groups {
  private readonly groups = new Map<string, Group>();

  constructor(
    private readonly firstRebalanceDelayMs = 0,
    private readonly minSessionTimeoutMs?: number,
  ) {}

  find(id: string): Group | undefined {
    return this.groups.get(id);
  }

  /** Creates the group if it does not exist. The caller must join it at once, because an empty group is discarded. */
  findOrCreate(id: string): Group {
    const existing = this.groups.get(id);
    if (existing) return existing;
    const onEmpty = () => {
      if (this.groups.get(id) === group) this.groups.delete(id);
    };
    const group = new Group(this.firstRebalanceDelayMs, onEmpty, this.minSessionTimeoutMs);
    this.groups.set(id, group);
    return group;
  }

  ids(): string[] {
    return [...this.groups.keys()];
  }
}
