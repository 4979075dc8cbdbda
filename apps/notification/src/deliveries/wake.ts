/** Something to sleep on that can be woken; a wake-up before the sleep is not lost. */
export class Wake {
  private pending = false;
  private end: (() => void) | undefined;

  now(): void {
    this.pending = true;
    this.end?.();
  }

  /** Until woken, or for the given milliseconds. */
  async sleep(ms: number): Promise<void> {
    if (!this.pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.end = undefined;
    }
    this.pending = false;
  }
}
