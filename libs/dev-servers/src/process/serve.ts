/** The message by which a parent asks a server to close its files and exit. */
export const STOP = 'stop';

/** What a development server tells its parent, and how it closes. */
export interface Serving<Addresses> {
  readonly addresses: Addresses;
  stop(): Promise<void>;
}

/**
 * The body of a development server's main module: starts it with the settings that the parent passed, reports
 * readiness, and goes when it is told to or when the parent is gone, so that no orphan stays.
 *
 * Signals are ignored under a parent: Ctrl-C, and many a supervisor, signals the whole process group, and it is the
 * parent who knows in which order to stop. It asks with a message.
 */
export async function serve(start: (settings: never) => Promise<Serving<unknown>>): Promise<void> {
  if (process.env['NODE_ENV'] === 'production') {
    return report('development servers refuse to run with NODE_ENV=production');
  }
  let serving: Serving<unknown> | undefined;
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void (serving?.stop() ?? Promise.resolve()).finally(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.connected || stop());
  }
  process.on('message', (message) => message === STOP && stop());
  process.once('disconnect', stop);
  try {
    serving = await start(JSON.parse(process.argv[2] ?? '{}') as never);
  } catch (error) {
    return report(error instanceof Error ? error.message : String(error));
  }
  if (stopping) return void serving.stop().finally(() => process.exit(0));
  process.send?.({ ready: serving.addresses });
}

function report(failed: string): void {
  process.stderr.write(`${failed}\n`);
  process.exitCode = 1;
  if (process.send) process.send({ failed }, () => process.exit(1));
}
