import type { Incoming } from './incoming.js';

/**
 * W3C Trace Context. There is no `tracestate` beside it: it is free text of others, and a message may go where that
 * does not belong.
 */
export const TRACEPARENT = 'traceparent';

/** The step that a message comes from: by the header of OpenTelemetry, or by CloudEvents' extension of that name. */
export const traceparentIn = (message: Pick<Incoming, 'header'>): string | undefined =>
  message.header(TRACEPARENT) ?? message.header(`ce_${TRACEPARENT}`);
