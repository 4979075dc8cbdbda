import { expect, it } from '@jest/globals';
import { renderToString } from 'preact-render-to-string';
import { isolate, Sentence, withoutIsolates } from './bidi-isolation.js';

const HOSTILE = 'A\u202enn\u2069 <b>';

it('isolates text of members within a sentence', () => {
  const sentence = `Reply to ${isolate(HOSTILE)}, or to ${isolate('داليا')}`;
  expect(renderToString(<Sentence>{sentence}</Sentence>)).toBe(
    'Reply to <bdi>Ann &lt;b></bdi>, or to <bdi>داليا</bdi>',
  );
});

it('removes the isolates from spoken text', () => {
  expect(withoutIsolates(`Accept ${isolate('Ann')}`)).toBe('Accept Ann');
});
