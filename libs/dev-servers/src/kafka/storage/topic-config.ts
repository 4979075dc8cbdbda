/**
 * Topic settings that this broker takes, with Kafka's defaults. What it cannot honour it refuses, except where ignoring
 * it changes nothing that a client must rely on.
 *
 * `cleanup.policy=compact` is taken but nothing is ever compacted: a consumer sees every version of a key, in order,
 * as it may also see on a real broker before its cleaner has run. Such a topic is not cut by retention either, unless
 * its policy also names `delete`.
 */
interface Setting {
  readonly standard: string;
  readonly accepts: (value: string) => boolean;
}

const integerFrom = (lowest: number) => (value: string) =>
  /^-?\d{1,19}$/.test(value) && Number(value) >= lowest;
const oneOf =
  (...values: string[]) =>
  (value: string) =>
    values.includes(value);

const SETTINGS: Readonly<Record<string, Setting>> = {
  'cleanup.policy': {
    standard: 'delete',
    accepts: oneOf('delete', 'compact', 'compact,delete', 'delete,compact'),
  },
  'max.message.bytes': { standard: '1048588', accepts: integerFrom(0) },
  'retention.bytes': { standard: '-1', accepts: integerFrom(-1) },
  'retention.ms': { standard: '604800000', accepts: integerFrom(-1) },
  // 1 MiB is the least since Kafka 4.0 (KIP-1030). The default is smaller than Kafka's 1 GiB, so that retention shows.
  'segment.bytes': { standard: '16777216', accepts: integerFrom(1_048_576) },
  'compression.type': { standard: 'producer', accepts: oneOf('producer') },
  'message.timestamp.type': { standard: 'CreateTime', accepts: oneOf('CreateTime') },
  'min.insync.replicas': { standard: '1', accepts: oneOf('1') },
  // Without effect here.
  'delete.retention.ms': { standard: '86400000', accepts: integerFrom(0) },
  'flush.messages': { standard: '9223372036854775807', accepts: integerFrom(1) },
  'flush.ms': { standard: '9223372036854775807', accepts: integerFrom(0) },
  'max.compaction.lag.ms': { standard: '9223372036854775807', accepts: integerFrom(1) },
  'min.cleanable.dirty.ratio': { standard: '0.5', accepts: (value) => /^(0(\.\d+)?|1(\.0+)?)$/.test(value) },
  'min.compaction.lag.ms': { standard: '0', accepts: integerFrom(0) },
  'segment.ms': { standard: '604800000', accepts: integerFrom(1) },
  'unclean.leader.election.enable': { standard: 'false', accepts: oneOf('true', 'false') },
};

export type TopicSettings = Readonly<Record<string, string>>;

/** The settings that shape a log. Sizes in bytes, times in milliseconds; -1 is no limit. */
export interface LogLimits {
  readonly segmentBytes: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly maxMessageBytes: number;
  readonly deletes: boolean;
  readonly requiresKeys: boolean;
}

/** @returns why these settings cannot be taken, undefined when they can */
export function settingsFault(settings: ReadonlyMap<string, string | null>): string | undefined {
  for (const [name, value] of settings) {
    const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (!setting) return `This development broker does not know the topic setting ${name}.`;
    if (value === null || !setting.accepts(value)) {
      return `This development broker does not take ${name}=${value}.`;
    }
  }
  return undefined;
}

export function logLimits(settings: TopicSettings): LogLimits {
  const valueOf = (name: string) => settings[name] ?? SETTINGS[name]!.standard;
  const policies = valueOf('cleanup.policy').split(',');
  return {
    segmentBytes: Number(valueOf('segment.bytes')),
    retentionMs: Number(valueOf('retention.ms')),
    retentionBytes: Number(valueOf('retention.bytes')),
    maxMessageBytes: Number(valueOf('max.message.bytes')),
    deletes: policies.includes('delete'),
    requiresKeys: policies.includes('compact'),
  };
}

export interface EffectiveSetting {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
}

export function effectiveSettings(settings: TopicSettings): EffectiveSetting[] {
  return Object.entries(SETTINGS).map(([name, { standard }]) => ({
    name,
    value: settings[name] ?? standard,
    isDefault: settings[name] === undefined,
  }));
}
