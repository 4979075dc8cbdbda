/** What one part of an app says of itself. */
export interface Condition {
  readonly ready: boolean;
  /** It does its work, but not all of it: an operator is needed, another replica would not help. */
  readonly degraded?: true;
  /** For the operator: what is wrong and what it waits for. */
  readonly detail?: string;
}

/** The readiness of an app: it is ready when every part of it is. */
export class Health {
  private readonly parts = new Map<string, Condition>();

  /** A part that exists from now on, and is not ready before it says so. */
  set(part: string, ready: boolean, detail?: string): void {
    this.parts.set(part, { ready, ...(detail === undefined ? {} : { detail }) });
  }

  /** A part that works, but for something that waits for an operator. */
  degrade(part: string, detail: string): void {
    this.parts.set(part, { ready: true, degraded: true, detail });
  }

  report(): { ready: boolean; parts: Record<string, Condition> } {
    const parts = Object.fromEntries(this.parts);
    return { ready: Object.values(parts).every((part) => part.ready), parts };
  }
}
