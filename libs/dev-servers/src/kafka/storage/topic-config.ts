/**
 * The topic settings that this broker accepts, with Kafka's defaults. It rejects a setting that it cannot honour, unless clients
 * cannot rely on its effect.
 *
 * `cleanup.policy=compact` is accepted, but nothing is ever compacted: a consumer sees every version of a key, in order, as on a
 * real broker before its cleaner has run. Retention does not apply to such a topic, unless its policy also names `delete`.
 */
interface Setting {
  readonly default: string;
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
    default: 'delete',
    accepts: oneOf('delete', 'compact', 'compact,delete', 'delete,compact'),
  },
  'max.message.bytes': { default: '1048588', accepts: integerFrom(0) },
  'retention.bytes': { default: '-1', accepts: integerFrom(-1) },
  'retention.ms': { default: '604800000', accepts: integerFrom(-1) },
  // 1 MiB is the minimum since Kafka 4.0 (KIP-1030). The default is less than Kafka's 1 GiB, so that retention takes effect early.
  'segment.bytes': { default: '16777216', accepts: integerFrom(1_048_576) },
  'compression.type': { default: 'producer', accepts: oneOf('producer') },
  'message.timestamp.type': { default: 'CreateTime', accepts: oneOf('CreateTime') },
  // The defaults since Kafka 4.0 (KIP-1030): no limit in the past, one hour in the future.
  'message.timestamp.before.max.ms': { default: '9223372036854775807', accepts: integerFrom(0) },
  'message.timestamp.after.max.ms': { default: '3600000', accepts: integerFrom(0) },
  'min.insync.replicas': { default: '1', accepts: oneOf('1') },
  // Accepted without effect.
  'delete.retention.ms': { default: '86400000', accepts: integerFrom(0) },
  'flush.messages': { default: '9223372036854775807', accepts: integerFrom(1) },
  'flush.ms': { default: '9223372036854775807', accepts: integerFrom(0) },
  'max.compaction.lag.ms': { default: '9223372036854775807', accepts: integerFrom(1) },
  'min.cleanable.dirty.ratio': { default: '0.5', accepts: (value) => /^(0(\.\d+)?|1(\.0+)?)$/.test(value) },
  'min.compaction.lag.ms': { default: '0', accepts: integerFrom(0) },
  'segment.ms': { default: '604800000', accepts: integerFrom(1) },
  'unclean.leader.election.enable': { default: 'false', accepts: oneOf('true', 'false') },
};

export type TopicSettings = Readonly<Record<string, string>>;

/** The settings of a topic that affect its logs. -1 means no limit. */
export interface LogLimits {
  readonly segmentBytes: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly maxMessageBytes: number;
  /** How far a record's timestamp may be before and after the broker's time. */
  readonly timestampBeforeMs: bigint;
  readonly timestampAfterMs: bigint;
  readonly appliesRetention: boolean;
  readonly requiresKeys: boolean;
}

/** @returns why the settings are rejected, undefined when they are accepted */
export function validateSettings(settings: ReadonlyMap<string, string | null>): string | undefined {
  for (const [name, value] of settings) {
    const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (!setting) return `This development broker does not support the topic setting ${name}.`;
    if (value === null || !setting.accepts(value)) {
      return `This development broker does not support ${name}=${value}.`;
    }
  }
  return undefined;
}

export function logLimits(settings: TopicSettings): LogLimits {
  const valueOf = (name: string) => settings[name] ?? SETTINGS[name]!.default;
  const policies = valueOf('cleanup.policy').split(',');
  return {
    segmentBytes: Number(valueOf('segment.bytes')),
    retentionMs: Number(valueOf('retention.ms')),
    retentionBytes: Number(valueOf('retention.bytes')),
    maxMessageBytes: Number(valueOf('max.message.bytes')),
    timestampBeforeMs: BigInt(valueOf('message.timestamp.before.max.ms')),
    timestampAfterMs: BigInt(valueOf('message.timestamp.after.max.ms')),
    appliesRetention: policies.includes('delete'),
    requiresKeys: policies.includes('compact'),
  };
}

export interface EffectiveSetting {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
}

export function effectiveSettings(settings: TopicSettings): EffectiveSetting[] {
  return Object.entries(SETTINGS).map(([name, setting]) => ({
    name,
    value: settings[name] ?? setting.default,
    isDefault: settings[name] === undefined,
  }));
}
