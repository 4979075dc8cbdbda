/** The naive app has its own topic, because the service's topic contains the commands of every other candidate. */
export const NAIVE_TOPIC = 'naive.commands';

/** Nest appends the suffix. */
export const NAIVE_GROUP = { given: 'naive', actual: 'naive-server' };
