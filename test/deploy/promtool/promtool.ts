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

/**
 * Writes one alert and the recording rules that it reads, in their groups. Prometheus evaluates every rule that it is given at
 * every step, so three days of all rules take seconds.
 *
 * @returns the path of the file
 */
export function writeAlert(folder: string, alert: string, window?: string): string {
  const files = ruleFiles();
  const rules = files.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  const needed = new Set(rules.filter((rule) => rule.alert === alert && rule.labels?.['window'] === window));
  // What is added to a Set while it is iterated is iterated, too.
  for (const { expr } of needed) {
    for (const rule of rules) if (rule.record !== undefined && expr.includes(rule.record)) needed.add(rule);
  }
  const groups = files
    .flatMap((file) => file.groups)
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => needed.has(rule)) }));
  const path = join(folder, `${alert}-${window ?? ''}.rules.yaml`);
  writeFileSync(path, stringify({ groups: groups.filter((group) => group.rules.length > 0) }));
  return path;
}
