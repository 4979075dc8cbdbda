const LONG_ENOUGH_MS = 30_000;

/** A state that events change and that a test can wait for. */
export class Changing {
  private readonly watchers = new Set<() => void>();

  changed(): void {
    for (const watcher of this.watchers) watcher();
  }

  /** Resolves as soon as a change makes `condition` true. */
  async until(condition: () => boolean, what: () => string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const watcher = () => condition() && resolve();
    const timer = setTimeout(() => reject(new Error(`never came: ${what()}`)), LONG_ENOUGH_MS);
    this.watchers.add(watcher);
    watcher();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.watchers.delete(watcher);
    }
  }
}
