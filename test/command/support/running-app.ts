import { freePort } from '../../deploy/support/free-port.js';
import { until } from '../../support/until.js';
import { CommandProcess } from './command-process.js';

interface Report {
  readonly ready: boolean;
  readonly parts: Record<string, { readonly ready: boolean; readonly detail?: string }>;
}

/** A command app whose readiness can be asked for. */
export class RunningApp extends CommandProcess {
  private constructor(
    private readonly port: number,
    env: Readonly<Record<string, string>>,
  ) {
    super({ ...env, HEALTH_PORT: String(port) });
  }

  static async start(env: Readonly<Record<string, string>>): Promise<RunningApp> {
    return new RunningApp(await freePort(), env);
  }

  async readiness(): Promise<Report> {
    const response = await fetch(`http://127.0.0.1:${this.port}/readyz`);
    const report = (await response.json()) as Report;
    if ((response.status === 200) !== report.ready)
      throw new Error(`${response.status}, but ${report.ready}`);
    return report;
  }

  /** What is wrong; empty when nothing is, or nothing can be asked yet. */
  async details(): Promise<string> {
    const report = await this.readiness().catch(() => undefined);
    if (report === undefined) return '(no answer)';
    return Object.values(report.parts)
      .filter(({ ready }) => !ready)
      .map(({ detail }) => detail)
      .join('; ');
  }

  untilReady(withinMs = 30_000): Promise<void> {
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
