import { AppProcess } from '../../../support/app-process.js';
import { findFreePort } from '../../../support/ports.js';
import { until } from '../../../support/until.js';

interface Report {
  readonly ready: boolean;
  readonly parts: Record<
    string,
    { readonly ready: boolean; readonly degraded?: true; readonly detail?: string }
  >;
}

/** A command app with its readiness and metrics. */
export class RunningApp extends AppProcess {
  private constructor(
    private readonly port: number,
    env: Readonly<Record<string, string>>,
  ) {
    super('command', { ...env, HEALTH_PORT: String(port) });
  }

  static async start(env: Readonly<Record<string, string>>): Promise<RunningApp> {
    return new RunningApp(await findFreePort(), env);
  }

  async readiness(): Promise<Report> {
    const response = await fetch(`http://127.0.0.1:${this.port}/readyz`);
    const report = (await response.json()) as Report;
    if ((response.status === 200) !== report.ready)
      throw new Error(`${response.status}, but ${report.ready}`);
    return report;
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
  }

  /** Returns the details of all components that are not ready, which is empty if all are ready. */
  async details(): Promise<string> {
    const report = await this.readiness().catch(() => undefined);
    if (report === undefined) return '(no answer)';
    return Object.values(report.parts)
      .filter(({ ready }) => !ready)
      .map(({ detail }) => detail)
      .join('; ');
  }

  untilReady(withinMs = 90_000): Promise<void> {
    return until(
      async () => (await this.details()) === '',
      withinMs,
      () => `ready; ${this.output.slice(-3_000)}`,
    );
  }

  async untilUnready(reason: string | RegExp, withinMs = 30_000): Promise<void> {
    let last = '';
    await until(
      async () => {
        last = await this.details();
        return typeof reason === 'string' ? last.includes(reason) : reason.test(last);
      },
      withinMs,
      () => `not ready for "${reason}", but "${last}"`,
    );
  }
}
