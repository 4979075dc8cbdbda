import { Matches } from 'class-validator';
import { NoConfig, type ConfigClass } from '#libs/platform';

/** Characters of Kafka's names. At most 25, so that a reply topic's name stays within Kafka's limit. */
const PREFIX = /^[A-Za-z0-9._-]{0,25}$/;
const message = '$property must be at most 25 letters, digits, dots, dashes and underscores';

/** The variables that keep the installations on one broker apart. */
export function WithTopics<Base extends ConfigClass>(base: Base) {
  class Config extends base {
    /** Before the name of every topic, for example `staging.`; none for the names of the public contract. */
    @Matches(PREFIX, { message })
    TOPIC_PREFIX: string = '';

    /** Before the name of every consumer group. */
    @Matches(PREFIX, { message })
    GROUP_PREFIX: string = '';
  }
  return Config;
}

/** For what needs no other variable. */
export class TopicsConfig extends WithTopics(NoConfig) {}
