import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { checkSecret, type Cluster } from './cluster.js';

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** A command as kubectl parses it. */
export interface Asked {
  readonly words: readonly string[];
  readonly values: Values;
  /** The arguments after `--`. */
  readonly command: readonly string[];
  readonly stdin: string;
}

const TEXT = { type: 'string' } as const;
const YES = { type: 'boolean' } as const;
const LABELS = { selector: { ...TEXT, short: 'l' } } as const;
const OUTPUT = { output: { ...TEXT, short: 'o' } } as const;

/** The flags of each verb that runbooks use. */
const FLAGS: Readonly<Record<string, ParseArgsOptionsConfig>> = {
  get: { ...LABELS, ...OUTPUT },
  describe: LABELS,
  logs: { ...LABELS, since: TEXT, tail: TEXT, prefix: YES, follow: YES, 'pod-running-timeout': TEXT },
  delete: { 'ignore-not-found': YES },
  rollout: { ...LABELS, timeout: TEXT },
  annotate: { overwrite: YES },
  wait: { ...LABELS, for: TEXT, timeout: TEXT },
  patch: { type: TEXT, patch: { ...TEXT, short: 'p' } },
  create: { ...OUTPUT, 'from-literal': TEXT, 'dry-run': TEXT, from: TEXT },
  apply: { filename: { ...TEXT, short: 'f' } },
  exec: { stdin: { ...YES, short: 'i' } },
};

/** @throws for an unknown verb or flag */
export function read(args: readonly string[], stdin: string): Asked & { readonly verb: string } {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const own = args.slice(0, end);
  const verb = own.find((word, n) => !word.startsWith('-') && own[n - 1] !== '-n') ?? '';
  const flags = FLAGS[verb];
  if (flags === undefined) throw new Error(`unknown command "${verb}"`);
  const options = { ...flags, namespace: { ...TEXT, short: 'n' } };
  const { values, positionals } = parseArgs({ args: own, options, allowPositionals: true });
  const words = positionals.slice(positionals.indexOf(verb) + 1);
  return { verb, words, values, command: args.slice(end + 1), stdin };
}

/** The response to each verb, from the overlay. @throws if the overlay does not have the object */
export const VERBS: Readonly<Record<string, (asked: Asked, cluster: Cluster) => string>> = {
  get({ words, values }, cluster) {
    const [kinds, name] = words as [string, string | undefined];
    const found = kinds.split(',').flatMap((word) => {
      const kind = cluster.kindOf(word);
      return name === undefined ? cluster.some(kind, labels(values)) : [cluster.named(kind, name)];
    });
    const output = values['output'];
    const [, field] = /^jsonpath=\{\.data\.(\w+)\}$/.exec(String(output)) ?? [];
    if (field !== undefined) return required(found[0]!.data?.[field], field);
    if (output === undefined || output === 'name')
      return found.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}\n`).join('');
    throw new Error(`unknown output ${String(output)}`);
  },
  describe({ words, values }, cluster) {
    cluster.some(cluster.kindOf(words[0]!), labels(values));
    return '';
  },
  delete({ words, values }, cluster) {
    const [kind, name] = words as [string, string];
    if (kind !== 'job') throw new Error(`nobody deletes a ${kind}`);
    if (!cluster.deleteJob(name) && values['ignore-not-found'] !== true)
      throw new Error(`there is no job ${name}`);
    return '';
  },
  logs({ values }, cluster) {
    cluster.some('Pod', required(labels(values), 'a selector'));
    return '';
  },
  rollout({ words, values }, cluster) {
    const [action, ...targets] = words;
    if (!['restart', 'status', 'undo', 'history'].includes(action!)) throw new Error(`rollout ${action}`);
    for (const target of targets) {
      const [word, name] = target.split('/') as [string, string | undefined];
      const kind = cluster.kindOf(word);
      if (name === undefined) cluster.some(kind, required(labels(values), 'a selector'));
      else cluster.named(kind, name);
    }
    return '';
  },
  annotate({ words }, cluster) {
    const [word, ...rest] = words;
    if (cluster.kindOf(word!) !== 'ScaledObject') throw new Error(`a ${word} is not paused so`);
    const paused = rest.pop()!;
    if (!/^autoscaling\.keda\.sh\/paused-replicas(=0|-)$/.test(paused)) throw new Error(paused);
    for (const name of rest) cluster.pause(name, paused.endsWith('=0'));
    return '';
  },
  wait({ words, values }, cluster) {
    if (cluster.kindOf(words[0]!) !== 'Pod' || values['for'] !== 'delete')
      throw new Error('not waited for so');
    cluster.checkGone(required(labels(values), 'a selector'));
    return '';
  },
  patch({ words, values }, cluster) {
    const object = cluster.named(cluster.kindOf(words[0]!), words[1]!);
    const { spec } = JSON.parse(String(values['patch'])) as { spec: object };
    const unknown = Object.keys(spec).find((field) => !(field in (object.spec as object)));
    if (unknown !== undefined) throw new Error(`${words.join(' ')} has no ${unknown}`);
    return '';
  },
  create({ words, values }, cluster) {
    const [kind, type, name] = words;
    if (kind === 'job') {
      const [source, cronJob] = String(values['from']).split('/') as [string, string];
      if (cluster.kindOf(source) !== 'CronJob') throw new Error(`no job is made from a ${source}`);
      cluster.createJob(type!, cronJob);
      return `job.batch/${type} created\n`;
    }
    if (kind !== 'secret' || type !== 'generic' || values['dry-run'] !== 'client')
      throw new Error(words.join(' '));
    const [key, ...value] = String(values['from-literal']).split('=');
    return `kind: Secret\nmetadata: { name: ${name} }\nstringData: { ${key}: '${value.join('=')}' }\n`;
  },
  apply({ stdin }) {
    checkSecret(stdin);
    return '';
  },
};

function labels({ selector }: Values): Record<string, string> | undefined {
  if (typeof selector !== 'string') return undefined;
  return Object.fromEntries(selector.split(',').map((one) => one.split('=') as [string, string]));
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
