// Runs command-line tools of the build one after another in one process, so that their modules are loaded once and not
// for each run (run-tool.ts). A run ends when a separate process would: when it has nothing more to wait for.
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
let runs = 0;

const keepListeners = (emitter, events) => {
  const before = events.map((event) => [event, emitter.rawListeners(event)]);
  return () => {
    for (const [event, listeners] of before)
      for (const listener of emitter.rawListeners(event))
        if (!listeners.includes(listener)) emitter.off(event, listener);
  };
};

async function run({ main, args, env, cwd, mark }) {
  const restore = [
    keepListeners(process, SIGNALS),
    keepListeners(process.stdout, ['error']),
    keepListeners(process.stderr, ['error']),
  ];
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.argv = [process.execPath, main, ...args];
  process.exitCode = undefined;
  const ended = once(process, 'beforeExit');
  // The channel alone does not keep the process alive.
  process.channel.unref();
  await import(`${pathToFileURL(main).href}?run=${(runs += 1)}`);
  await ended;
  process.channel.ref();
  for (const put of restore) put();
  for (const stream of [process.stdout, process.stderr]) stream.write(mark);
  process.send({ code: process.exitCode ?? 0 });
}

process.on('message', (message) => void run(message));
process.once('disconnect', () => process.exit());
