// `npm run dev -- <app>`: starts the whole service, and builds and restarts one app when its sources or a library change.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, watch } from 'node:fs';

const [app = 'api'] = process.argv.slice(2);
if (!existsSync(`apps/${app}/src/main.ts`) || app === 'standalone' || app === 'replay') {
  console.error('Usage: npm run dev -- <api | command | notification | projector>');
  process.exit(2);
}

const service = spawn(process.execPath, [...process.execArgv, 'dist/apps/standalone/src/main.js'], {
  stdio: 'inherit',
});
service.once('exit', (code) => process.exit(code ?? 1));
// Ctrl-C reaches the service as well, which stops everything in order; this process ends after it.
process.on('SIGINT', () => undefined);
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => service.kill(signal));

/** Finds the process of the app below the service, which starts the app again when this process has ended. */
function processOfApp() {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  const row = rows
    .map((line) => line.trim().split(/\s+/))
    .find(
      ([, parent, ...args]) =>
        Number(parent) === service.pid && args.join(' ').includes(`apps/${app}/src/main.js`),
    );
  return row === undefined ? undefined : Number(row[0]);
}

function rebuild() {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  if (status !== 0) {
    console.log(`${app}: does not build, so the version before goes on running`);
    return;
  }
  const pid = processOfApp();
  if (pid !== undefined) process.kill(pid, 'SIGTERM');
  console.log(`${app}: built and restarted`);
}

let timer;
for (const folder of [`apps/${app}/src`, 'libs']) {
  watch(folder, { recursive: true }, (_, file) => {
    if (!/\.tsx?$/.test(file ?? '') || /\.spec\.tsx?$/.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(rebuild, 200);
  });
}
