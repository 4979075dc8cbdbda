import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

const POM = resolve(import.meta.dirname, 'pom.xml');
const CACHE = resolve(import.meta.dirname, '../../../../node_modules/.cache/kafka-local');

/** The version that the brokers of Kafka 4 need. */
const LEAST_JAVA = 17;

/** The version of Kafka in the pom. */
export const KAFKA_VERSION = /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)/.exec(
  readFileSync(POM, 'utf8'),
)![1]!;

/** Returns why Apache Kafka cannot run on this machine, or undefined if it can. */
export function whyNoKafka(): string | undefined {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = javaVersionIn(java.stderr ?? '');
  if (version === undefined) return `Java ${LEAST_JAVA} is not on the PATH`;
  if (version < LEAST_JAVA) return `Kafka needs Java ${LEAST_JAVA}, and the one on the PATH is ${version}`;
  if (cachedClasspath() !== undefined || spawnSync('mvn', ['-v']).status === 0) return undefined;
  return 'Maven is not on the PATH';
}

/** Returns the major version in the output of `java -version`. */
export function javaVersionIn(text: string): number | undefined {
  const [, version] = /version "(\d+)/.exec(text) ?? [];
  return version === undefined ? undefined : Number(version);
}

/**
 * Returns Kafka's class path. Maven fetches what its local repository lacks, which takes a minute or two the first
 * time; its progress goes to standard error. Do not call this from two processes at once, because a local repository
 * allows one writer.
 * @throws when there is no Java or Maven, or Maven cannot fetch
 */
export async function kafkaClasspath(): Promise<string> {
  const missing = whyNoKafka();
  if (missing !== undefined) throw new Error(missing);
  const cached = cachedClasspath();
  if (cached !== undefined) return cached;
  process.stderr.write(`Maven fetches Apache Kafka ${KAFKA_VERSION} …\n`);
  const file = cacheFile();
  mkdirSync(dirname(file), { recursive: true });
  const goal = ['dependency:build-classpath', `-Dmdep.outputFile=${file}.tmp`];
  const maven = spawn('mvn', ['--batch-mode', '--file', POM, ...goal], { stdio: ['ignore', 2, 2] });
  const [code] = (await once(maven, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`Maven could not fetch Apache Kafka (exit code ${code}); it has said why`);
  renameSync(`${file}.tmp`, file);
  return readFileSync(file, 'utf8').trim();
}

/** A changed pom has a different class path. */
const cacheFile = () =>
  join(CACHE, `classpath-${createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 16)}`);

function cachedClasspath(): string | undefined {
  if (!existsSync(cacheFile())) return undefined;
  const classpath = readFileSync(cacheFile(), 'utf8').trim();
  return classpath.split(delimiter).every((jar) => existsSync(jar)) ? classpath : undefined;
}
