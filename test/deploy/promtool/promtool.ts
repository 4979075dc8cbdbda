import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ruleFiles } from '../support/rules.js';

/** Runs Prometheus's own tool. @throws with what it prints, when it finds a fault */
export function promtool(args: readonly string[], input = ''): string {
  try {
    return execFileSync('promtool', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`promtool ${args.join(' ')}:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Writes the rules as files of Prometheus: a PrometheusRule without its wrapping. @returns their paths */
export function writeRules(folder: string): string[] {
  return ruleFiles().map(({ file, groups }) => {
    const path = join(folder, file.replaceAll('/', '-'));
    writeFileSync(path, stringify({ groups }));
    return path;
  });
}
