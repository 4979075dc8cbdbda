import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { incompatibilities } from '../../contract/messages/compatibility.js';
import type { AsyncApi, Channel } from './asyncapi.js';
import { CONTRACT_VERSION } from './catalogue.js';
import { contractFiles, DOCS } from './files.js';
import type { Schema } from './json-schema.js';

const RELEASES = new URL('contract/releases/', DOCS);

const numbers = (version: string) => version.split('.').map(Number) as [number, number, number];
const byVersion = (a: string, b: string) => {
  const [x, y] = [numbers(a), numbers(b)];
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
};

/** A released contract: its documents by path. */
export interface Release {
  readonly version: string;
  readonly files: ReadonlyMap<string, unknown>;
}

export function lastRelease(): Release {
  const version = readdirSync(RELEASES).toSorted(byVersion).at(-1)!;
  const folder = new URL(`${version}/`, RELEASES);
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.json'),
  );
  return {
    version,
    files: new Map(
      paths.map((path) => [path, JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as unknown]),
    ),
  };
}

/** Stores the present contract under its version. @throws if that version was released before */
export function makeRelease(): void {
  const folder = new URL(`${CONTRACT_VERSION}/`, RELEASES);
  if (existsSync(folder)) throw new Error(`${CONTRACT_VERSION} was released before: raise CONTRACT_VERSION`);
  for (const [path, text] of contractFiles()) {
    mkdirSync(new URL('.', new URL(path, folder)), { recursive: true });
    writeFileSync(new URL(path, folder), text);
  }
}

/** Returns the changes that break users of a release, one line for each with document, field and reason. */
export function broken(release: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): string[] {
  return [...release].flatMap(([path, released]) => {
    const next = now.get(path);
    if (next === undefined) return [`${path}: it was removed`];
    const problems =
      path === 'asyncapi.json'
        ? channelsBroken(released as AsyncApi, next as AsyncApi)
        : incompatibilities(
            released as Schema,
            next as Schema,
            /^schemas\/(commands|members)\//.test(path) ? 'us' : 'others',
          );
    return problems.map((problem) => `${path}: ${problem}`);
  });
}

/** Compares topics, their partitions, their messages and the keys of these. */
function channelsBroken(released: AsyncApi, next: AsyncApi): string[] {
  return Object.entries<Channel>(released.channels).flatMap(([name, channel]) => {
    const now = next.channels[name];
    if (now === undefined) return [`channel ${name}: it was removed`];
    const partitions = (of: Channel) => of.bindings?.kafka.partitions;
    const keyOf = (of: AsyncApi, message: string) =>
      of.components.messages[message]?.bindings.kafka.key.description;
    return [
      ...(now.address === channel.address ? [] : [`channel ${name}: its address has changed`]),
      ...(partitions(now) === partitions(channel)
        ? []
        : [`channel ${name}: its number of partitions has changed`]),
      ...Object.keys(channel.messages).flatMap((message) => {
        if (now.messages[message] === undefined) return [`channel ${name}: ${message} was removed`];
        return keyOf(released, message) === keyOf(next, message) ? [] : [`${message}: its key has changed`];
      }),
    ];
  });
}
