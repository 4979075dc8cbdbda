/** The health of one component of an app, such as a consumer or a projection. */
export interface ComponentHealth {
  readonly ready: boolean;
  /** It works in part and waits for an operator. Another replica would not help. */
  readonly degraded?: true;
  /** For an operator: what is wrong, and what the component waits for. */
  readonly detail?: string;
}

/** The readiness of an app. The app is ready when all of its components are. */
export class Health {
  private readonly components = new Map<string, ComponentHealth>();

  set(component: string, ready: boolean, detail?: string): void {
    this.components.set(component, { ready, ...(detail === undefined ? {} : { detail }) });
  }

  /** Marks a component as ready although something waits for an operator. */
  degrade(component: string, detail: string): void {
    this.components.set(component, { ready: true, degraded: true, detail });
  }

  /** The body of `/readyz`. Its key `parts` is public: probes and runbooks read it. */
  report(): { ready: boolean; parts: Record<string, ComponentHealth> } {
    const parts = Object.fromEntries(this.components);
    return { ready: Object.values(parts).every(({ ready }) => ready), parts };
  }
}
