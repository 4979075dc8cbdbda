import type { Credentials, EndPoint, GossipClusterOptions } from '@eventstore/db-client';
import { ConfigError } from '#libs/platform';

/** What a connection string says. */
export interface ConnectionString {
  /** At least one. Several are the nodes of a cluster. */
  readonly hosts: readonly EndPoint[];
  /** Whether the host is asked for the nodes of its cluster, and not used itself. */
  readonly isDiscovered: boolean;
  readonly credentials: Credentials | undefined;
  readonly isEncrypted: boolean;
  /** Options that name a file. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly clientOptions: ClientOptions;
}

/** The options that the client takes as they are. */
type ClientOptions = Partial<Omit<GossipClusterOptions, 'endpoints' | 'throwOnAppendFailure'>>;

const DEFAULT_PORT = 2113;

/**
 * Parses `esdb://[user:password@]host[:port][,host[:port]…][?option=value&…]`, or the same with `esdb+discover`. The client has a
 * parser, too, but that one ignores an option that it does not know, and prints the whole string with its password.
 * @throws ConfigError that names what is wrong, and contains nothing that may be a part of a password
 */
export function parseConnectionString(url: string): ConnectionString {
  const [, scheme, rest = ''] = /^(esdb(?:\+discover)?):\/\/(.*)$/s.exec(url.trim()) ?? [];
  if (scheme === undefined) throw invalid('must begin with esdb:// or esdb+discover://');
  const [beforeOptions = '', ...options] = rest.split('?');
  if (options.length > 1 || options.join('').includes('@'))
    throw invalid('has a ? or @ too many: in a user name or a password they are written as %3F and %40');
  const at = beforeOptions.lastIndexOf('@');
  const values = parseOptions(options[0] ?? '');
  return {
    hosts: parseHosts(beforeOptions.slice(at + 1)),
    isDiscovered: scheme === 'esdb+discover',
    credentials: at < 0 ? undefined : parseCredentials(beforeOptions.slice(0, at)),
    isEncrypted: values.tls ?? true,
    caFile: values.tlsCAFile,
    certFile: values.userCertFile,
    keyFile: values.userKeyFile,
    clientOptions: pick(values, CLIENT_OPTIONS),
  };
}

function parseCredentials(text: string): Credentials {
  const [, username, password] = /^([^:@/]+):([^:@/]+)$/.exec(text) ?? [];
  if (username === undefined || password === undefined)
    throw invalid(
      'must have user:password before the @, in which : / ? # and @ are written as %3A %2F %3F %23 and %40',
    );
  return { username: decode(username), password: decode(password) };
}

function parseHosts(text: string): EndPoint[] {
  return text
    .replace(/\/$/, '')
    .split(',')
    .map((host) => {
      const [, address, port = String(DEFAULT_PORT)] = /^([A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(host) ?? [];
      if (address === undefined || Number(port) < 1 || Number(port) > 65_535)
        throw invalid('must name hosts as host:port, separated by commas');
      return { address, port: Number(port) };
    });
}

const text = (value: string): string | undefined => decode(value);
const isTrue = (value: string): true | undefined => (value === 'true' ? true : undefined);
const boolean = (value: string): boolean | undefined => (value === 'false' ? false : isTrue(value));
const positive = (value: string): number | undefined =>
  /^[1-9]\d{0,8}$/.test(value) ? Number(value) : undefined;
const positiveOrOff = (value: string): number | undefined => (value === '-1' ? -1 : positive(value));

const PREFERENCES = ['leader', 'follower', 'read_only_replica', 'random'] as const;

function preference(value: string): (typeof PREFERENCES)[number] | undefined {
  return PREFERENCES.find((one) => flat(one) === flat(value));
}

/** Every option that version 6.2.1 of the client knows, how its value is read, and which values there are. */
const OPTIONS = {
  tls: [boolean, 'true or false'],
  tlsCAFile: [text, 'a path'],
  userCertFile: [text, 'a path'],
  userKeyFile: [text, 'a path'],
  nodePreference: [preference, PREFERENCES.join(', ')],
  maxDiscoverAttempts: [positive, 'a number above 0'],
  discoveryInterval: [positive, 'a number of milliseconds above 0'],
  gossipTimeout: [positive, 'a number of seconds above 0'],
  defaultDeadline: [positive, 'a number of milliseconds above 0'],
  keepAliveInterval: [positiveOrOff, 'a number of milliseconds above 0, or -1'],
  keepAliveTimeout: [positiveOrOff, 'a number of milliseconds above 0, or -1'],
  connectionName: [text, 'a name'],
  // With false, the client reports a revision for an append that failed.
  throwOnAppendFailure: [isTrue, 'true, and nothing else'],
  // The client ignores false, so the certificate is checked anyway.
  tlsVerifyCert: [isTrue, 'true, and nothing else: set EVENTSTORE_CA_FILE to trust a certificate'],
} as const;

type OptionName = keyof typeof OPTIONS;
type OptionValues = { [Name in OptionName]?: NonNullable<ReturnType<(typeof OPTIONS)[Name][0]>> };

const CLIENT_OPTIONS = [
  'nodePreference',
  'maxDiscoverAttempts',
  'discoveryInterval',
  'gossipTimeout',
  'defaultDeadline',
  'keepAliveInterval',
  'keepAliveTimeout',
  'connectionName',
] as const;

function parseOptions(query: string): OptionValues {
  const values: { [Name in OptionName]?: unknown } = {};
  for (const pair of query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=');
    const name = findOption(equals < 0 ? pair : pair.slice(0, equals));
    const [parse, allowed] = OPTIONS[name];
    const value = equals < 0 ? undefined : parse(pair.slice(equals + 1).trim());
    if (value === undefined || value === '')
      throw invalid(`has the option ${name}, which must be ${allowed}`);
    if (name in values) throw invalid(`has the option ${name} twice`);
    values[name] = value;
  }
  return values as OptionValues;
}

/** Like the client, this takes names in any case, with `_` or `-`. */
function findOption(given: string): OptionName {
  const names = Object.keys(OPTIONS) as OptionName[];
  const found = names.find((name) => flat(name) === flat(given));
  if (found !== undefined) return found;
  const named = /^[A-Za-z_-]{1,40}$/.test(given) ? ` ${given}` : '';
  throw invalid(`has an option${named} that the client does not know; it knows ${names.join(', ')}`);
}

const flat = (name: string): string => name.trim().toLowerCase().replaceAll(/[_-]/g, '');

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw invalid('has a % that is not followed by two hexadecimal digits: a % itself is written as %25');
  }
}

function pick<Name extends OptionName>(
  values: OptionValues,
  names: readonly Name[],
): Pick<OptionValues, Name> {
  return Object.fromEntries(names.flatMap((name) => (name in values ? [[name, values[name]]] : []))) as Pick<
    OptionValues,
    Name
  >;
}

const invalid = (problem: string): ConfigError => new ConfigError(`EVENTSTORE_URL ${problem}`);
