import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What .ci/containers runs these specs with: images of a registry, or stand-ins for them. */
export const IMAGES = process.env['CONTAINERS'] as 'registry' | 'stand-ins';

/** Runs `docker`. @returns its standard output. @throws with its standard error */
export function docker(...args: readonly string[]): Promise<string> {
  return dockerWithInput('', ...args);
}

export function dockerWithInput(input: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile('docker', args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`docker ${args.join(' ')}: ${stderr}`));
    });
    child.stdin!.end(input);
  });
}

interface State {
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
  readonly StartedAt: string;
  readonly FinishedAt: string;
}

export const stateOf = async (container: string): Promise<State> =>
  JSON.parse(await docker('inspect', '--format', '{{json .State}}', container)) as State;

/** What a container has written to its standard output, then what to its standard error. */
export async function logOf(container: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('docker', ['logs', container], { maxBuffer: 2 ** 26 });
  return stdout + stderr;
}
