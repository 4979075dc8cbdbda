import { describe, expect, it } from '@jest/globals';
import { parseTraceparent, formatTraceparent } from './span.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('parseTraceparent and formatTraceparent', () => {
  it.each(['00', '01'])('read what was written, with flags %s', (flags) => {
    const text = `00-${TRACE}-${SPAN}-${flags}`;
    const context = parseTraceparent(text);
    expect(context).toMatchObject({ traceId: TRACE, spanId: SPAN });
    expect(formatTraceparent(context!)).toBe(text);
  });

  it('accept additional fields of a later version', () => {
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-01-more`)).toMatchObject({ traceId: TRACE });
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
  ])('return no context for %s', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});
