import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'held-by-';

/**
 * Claims a directory for this process. A claim is a file that names a process by its id and by when it started, so one
 * left by a killed process counts for nothing, also when its id has been given to another. Every process writes its own
 * claim first and looks for others' then: of two that start at once at least one sees the other, and neither ever takes
 * a claim away from the living.
 * @returns what gives the directory back
 * @throws when a living process holds it
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const mine = join(dataDir, `${PREFIX}${process.pid}`);
  writeFileSync(mine, startOf(process.pid) ?? '');
  const release = () => rmSync(mine, { force: true });
  for (const file of readdirSync(dataDir)) {
    const pid = Number(file.slice(PREFIX.length));
    if (!file.startsWith(PREFIX) || pid === process.pid) continue;
    if (isHeldBy(pid, join(dataDir, file))) {
      release();
      throw new Error(`${dataDir} is in use by another development broker (process ${pid})`);
    }
    rmSync(join(dataDir, file), { force: true });
  }
  return release;
}

function isHeldBy(pid: number, claim: string): boolean {
  const started = startOf(pid);
  if (started === undefined) return false;
  try {
    const claimed = readFileSync(claim, 'utf8');
    // An empty claim is one being written this moment.
    return claimed === '' || claimed === started;
  } catch {
    return false;
  }
}

/** When a process started, in the words of its system; undefined when it does not run. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    }
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; field 22 is the start in clock ticks since boot, field 3 the state.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}
