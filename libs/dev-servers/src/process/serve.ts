/** What a development server tells its parent, and how it closes. */
export interface Serving<Addresses> {
  readonly addresses: Addresses;
  stop(): Promise<void>;
}

/**
 * The body of a development server's main module: starts it with the settings that the parent passed, reports
 * readiness, and goes when it is told to or when the parent is gone, so that no orphan stays.
 *
 * SIGINT is ignored under a parent: Ctrl-C reaches the whole process group, and the parent stops apps before servers.
 */
export async function serve<Settings, Addresses>(
  start: (settings: Settings) => Promise<Serving<Addresses>>,
): Promise<void> {
  if (process.env['NODE_ENV'] === 'production') {
    return report('development servers refuse to run with NODE_ENV=production');
  }
  let serving: Serving<Addresses> | undefined;
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void (serving?.stop() ?? Promise.resolve()).finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.on('SIGINT', () => process.connected || stop());
  process.once('disconnect', stop);
  try {
    serving = await start(JSON.parse(process.argv[2] ?? '{}') as Settings);
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
