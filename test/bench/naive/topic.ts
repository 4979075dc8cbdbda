/** The naive app has a topic of its own: on the service's it would find every other contestant's commands. */
export const NAIVE_TOPIC = 'naive.commands';

/** Nest appends the second part by itself. */
export const NAIVE_GROUP = { given: 'naive', actual: 'naive-server' };
