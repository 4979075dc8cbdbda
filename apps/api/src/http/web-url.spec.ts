import { expect, it } from '@jest/globals';
import { toWebUrl } from './web-url.js';

it.each(['https://x.example/ann', 'http://x.example'])('toWebUrl returns %s unchanged', (url) => {
  expect(toWebUrl(url)).toBe(url);
});

it.each([
  '',
  '/ann',
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'JAVASCRIPT:1',
  'data:text/html,x',
  'x.example',
])('toWebUrl returns undefined for %j', (url) => {
  expect(toWebUrl(url)).toBeUndefined();
});
