import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import { type EffectiveSetting, effectiveSettings } from '../storage/topic-config.js';
import type { Topics } from '../storage/topics.js';

const TOPIC = 2;
const SET_ON_THE_TOPIC = 1;
const DEFAULT = 5;

/** The settings of topics. Any other resource has none here. */
export function describeConfigs(topics: Topics): Api {
  return {
    key: 32,
    versions: [1, 2],
    answer({ body }, reply) {
      const resources = body.array(() => ({
        type: body.int8(),
        name: body.string(),
        keys: body.nullableArray(() => body.string()),
      }));
      reply.int32(NOT_THROTTLED);
      reply.array(resources, ({ type, name, keys }) => {
        const topic = type === TOPIC ? topics.get(name) : undefined;
        const isMissing = type === TOPIC && !topic;
        const settings = topic ? effectiveSettings(topic.settings) : [];
        reply.int16(isMissing ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE).string(null);
        reply.int8(type).string(name);
        reply.array(
          keys ? settings.filter((setting) => keys.includes(setting.name)) : settings,
          writeSetting,
        );
      });

      function writeSetting({ name, value, isDefault }: EffectiveSetting): void {
        reply.string(name).string(value).boolean(false);
        reply.int8(isDefault ? DEFAULT : SET_ON_THE_TOPIC).boolean(false);
        reply.array([], () => undefined); // synonyms
      }
    },
  };
}
