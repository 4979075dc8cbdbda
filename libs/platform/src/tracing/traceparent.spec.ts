import { describe, expect, it } from '@jest/globals';
import { contextIn, traceparentOf } from './traceparent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('a traceparent', () => {
  it.each(['00', '01'])('is read as it is written, with flags %s', (flags) => {
    const text = `00-${TRACE}-${SPAN}-${flags}`;
    const context = contextIn(text);
    expect(context).toMatchObject({ traceId: TRACE, spanId: SPAN });
    expect(traceparentOf(context!)).toBe(text);
  });

  it('of a later version may go on', () => {
    expect(contextIn(`01-${TRACE}-${SPAN}-01-more`)).toMatchObject({ traceId: TRACE });
  });

  it.each([
    undefined,
    '',
    'amal@network.example',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01more`,
  ])('that is none is no context: %s', (text) => {
    expect(contextIn(text)).toBeUndefined();
  });
});
