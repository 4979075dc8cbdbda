import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PROJECT } from '../../../deploy/support/files.js';
import { removeFolder } from '../../../support/standalone.js';
import { until } from '../../../support/until.js';
import type { Answer } from './in-pod.js';

/** A program on an operator's machine, simulated by this process. */
export type Program = (args: readonly string[], stdin: string) => Promise<Answer>;

/** Sends its arguments to this process and prints the response. It reads standard input only if kubectl would. */
const STAND_IN = (url: string, name: string) => `#!${process.execPath}
const { readFileSync, writeSync } = require('node:fs');
const args = process.argv.slice(2);
const stdin = args.at(-1) === '-' ? readFileSync(0, 'utf8') : '';
fetch(${JSON.stringify(url)}, { method: 'POST', body: JSON.stringify({ name: ${JSON.stringify(name)}, args, stdin }) })
  .then((response) => response.json())
  .then(({ code, stdout, stderr }) => {
    writeSync(1, stdout);
    writeSync(2, stderr);
    process.exitCode = code;
  });
`;

/** A folder of programs that comes first in the PATH of each shell. */
export class Programs {
  private readonly folder = mkdtempSync(join(tmpdir(), 'operator-'));
  private readonly server: Server;

  private constructor(private readonly programs: Readonly<Record<string, Program>>) {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        void this.answer(Buffer.concat(parts).toString()).then((answer) =>
          response.end(JSON.stringify(answer)),
        );
      });
    });
  }

  static async install(programs: Readonly<Record<string, Program>>): Promise<Programs> {
    const installed = new Programs(programs);
    installed.server.listen(0, '127.0.0.1');
    await once(installed.server, 'listening');
    const url = `http://127.0.0.1:${(installed.server.address() as AddressInfo).port}`;
    for (const name of Object.keys(programs)) {
      writeFileSync(join(installed.folder, name), STAND_IN(url, name), { mode: 0o755 });
    }
    return installed;
  }

  get path(): string {
    return `${this.folder}${delimiter}${process.env['PATH']}`;
  }

  async remove(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    removeFolder(this.folder);
  }

  private async answer(body: string): Promise<Answer> {
    const { name, args, stdin } = JSON.parse(body) as { name: string; args: string[]; stdin: string };
    try {
      return await this.programs[name]!(args, stdin);
    } catch (error) {
      return { code: 1, stdout: '', stderr: `${name} ${args.join(' ')}: ${(error as Error).message}\n` };
    }
  }
}

/** A block has as many commands as it likes. One that prints nothing for so long hangs. */
const SILENT_MS = 60_000;

/** A shell that has read deploy/operator.sh and stops at the first command that fails. */
export class OperatorShell {
  private readonly bash: ChildProcess;
  private output = '';
  private hasEnded = false;

  constructor({ path }: Programs, env: Readonly<Record<string, string>>) {
    this.bash = spawn('bash', [], { cwd: PROJECT, env: { PATH: path, ...env }, stdio: 'pipe' });
    for (const stream of [this.bash.stdout!, this.bash.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.bash.once('close', () => (this.hasEnded = true));
    this.bash.stdin!.write(`set -Eeuo pipefail
trap 'echo "failed with $?: $BASH_COMMAND" >&2' ERR
source deploy/operator.sh\n`);
  }

  /**
   * Types a block.
   * @returns the output
   * @throws with the output when a command failed or hangs
   */
  async type(block: string): Promise<string> {
    const end = randomUUID();
    const before = this.output.length;
    const shown = () => this.output.slice(before);
    this.bash.stdin!.write(`{\n${block}\n} </dev/null\necho ${end}\n`);
    const isDone = () => this.hasEnded || shown().includes(end);
    while (!isDone()) {
      const { length } = this.output;
      await until(() => isDone() || this.output.length > length, SILENT_MS, shown);
    }
    if (this.hasEnded) throw new Error(`${block}\n${shown()}`);
    return shown().replace(`${end}\n`, '');
  }

  close(): void {
    this.bash.kill('SIGKILL');
  }
}
