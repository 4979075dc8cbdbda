/**
 * A text as PostgreSQL can keep it: it knows neither NUL nor half a surrogate pair. Without this one such message
 * would stop its partition for good.
 */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '');
