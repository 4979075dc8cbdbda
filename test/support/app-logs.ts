import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppName } from './deployed.js';
import { until } from './until.js';

/** A log line by the names of its fields. */
export type Line = Readonly<Record<string, unknown>>;

/** The logs of the apps of a standalone service, which it stores in files. */
export class AppLogs {
  constructor(private readonly dir: string) {}

  text(app: AppName): string {
    return readFileSync(join(this.dir, 'logs', `${app}.log`), 'utf8');
  }

  lines(app: AppName, isIt: (line: Line) => boolean): Line[] {
    return this.text(app)
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line)
      .filter(isIt);
  }

  /** Waits until there is a number of such lines. @returns the first of them */
  async until(app: AppName, isIt: (line: Line) => boolean, what: string, count = 1): Promise<Line> {
    await until(
      () => this.lines(app, isIt).length >= count,
      30_000,
      () => `${what} in what ${app} says:\n${this.text(app).slice(-3_000)}`,
    );
    return this.lines(app, isIt)[0]!;
  }
}

export const saying =
  (msg: string) =>
  (line: Line): boolean =>
    line['msg'] === msg;
