/*
 * The first thing that the process of an app runs. It imports nothing, so it takes effect while everything else is still
 * being loaded. An app that is told to stop while it starts then exits with 0 at once. Before this, while Node itself starts,
 * the signal ends the process with 143: images have an init process, because the kernel would drop it for process 1.
 */

type StopHandler = (signal: NodeJS.Signals) => void;

let handler: StopHandler | undefined;

/** Calls the handler on every SIGTERM and SIGINT from now on. It replaces the handler before it. */
export function handleStopSignals(next: StopHandler): void {
  // Not `once`: after Ctrl-C both the terminal and npm send SIGINT, and a second one without a listener would kill.
  if (handler === undefined) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => handler?.(signal));
  }
  handler = next;
}

const SILENT_LEVELS = ['warn', 'error', 'fatal', 'silent'];

/** Exits 0 on a stop signal, until `runApp` takes over: the app has connected to nothing and taken no work. */
export function exitOnStopSignal(app: string): void {
  handleStopSignals((signal) => {
    // The logger is not loaded yet.
    if (!SILENT_LEVELS.includes(process.env['LOG_LEVEL'] ?? 'info')) {
      const msg = 'stopped while it was still loading: it has taken no work';
      const line = { level: 'info', time: new Date().toISOString(), app, signal, msg };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
    process.exit(0);
  });
}
