import { expect, it } from '@jest/globals';
import { webAddress } from './web-address.js';

it.each(['https://x.example/ann', 'http://x.example'])('%s is a web address', (url) => {
  expect(webAddress(url)).toBe(url);
});

it.each([
  '',
  '/ann',
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'JAVASCRIPT:1',
  'data:text/html,x',
  'x.example',
])('%j is none', (url) => {
  expect(webAddress(url)).toBeUndefined();
});
