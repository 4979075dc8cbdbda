/** Names under which the app's parts find what was opened before them and is closed after them. */
export const DATABASE = Symbol('database');
export const LOGGER = Symbol('logger');
export const METRICS = Symbol('metrics');
export const LINK_KEYS = Symbol('link keys');
