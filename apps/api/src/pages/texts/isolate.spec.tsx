import { expect, it } from '@jest/globals';
import { renderToString } from 'preact-render-to-string';
import { isolated, Sentence, spoken } from './isolate.js';

const HOSTILE = 'A\u202enn\u2069 <b>';

it('sets what a member wrote apart from the sentence around it', () => {
  const sentence = `Reply to ${isolated(HOSTILE)}, or to ${isolated('داليا')}`;
  expect(renderToString(<Sentence>{sentence}</Sentence>)).toBe(
    'Reply to <bdi>Ann &lt;b></bdi>, or to <bdi>داليا</bdi>',
  );
});

it('has no marks in what is spoken', () => {
  expect(spoken(`Accept ${isolated('Ann')}`)).toBe('Accept Ann');
});
