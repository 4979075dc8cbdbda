// Loaded before an app (`node --import`): sends SIGTERM to the process when it loads its n-th module. So a test chooses a
// moment of the start that is the same on every machine.
import { registerHooks } from 'node:module';

const at = Number(process.env.SIGNAL_AT_MODULE);
let count = 0;

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('node:')) count += 1;
    if (count === at) process.kill(process.pid, 'SIGTERM');
    return nextLoad(url, context);
  },
});
