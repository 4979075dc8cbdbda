import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A folder that only this user can read. It is removed at the end of the process at the latest, also after a signal. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'invitations-replay-'));
  private readonly remove = () => rmSync(this.path, { recursive: true, force: true });

  constructor() {
    process.once('exit', this.remove);
    for (const signal of SIGNALS) process.once(signal, exitBySignal);
  }

  close(): void {
    process.off('exit', this.remove);
    for (const signal of SIGNALS) process.off(signal, exitBySignal);
    this.remove();
  }
}

/** Ends the process with the code that a shell shows for a signal. Without a handler, it would end without an `exit` event. */
const exitBySignal = (signal: NodeJS.Signals): void => process.exit(128 + constants.signals[signal]);
