import { describe, expect, it } from '@jest/globals';
import type { Language } from '../language/language.js';
import type { ConnectionsSummary } from './acceptance.email.js';
import { renderEmail } from './render-email.js';

const textFor = (summary: ConnectionsSummary, language: Language = 'en') =>
  renderEmail(
    'acceptance',
    {
      connection: {
        name: 'Bob',
        headline: '',
        email: 'bob@example.com',
        profileUrl: 'https://network.example/b',
      },
      summary,
      preferencesUrl: 'https://network.example/preferences',
    },
    language,
  ).text;

describe('acceptanceEmail (R14)', () => {
  it.each<[string, ConnectionsSummary]>([
    ['You are Bob’s first connection.', { total: 1, inCommon: 0, namesInCommon: [] }],
    [
      'Bob has 2 connections. You have no connections in common yet.',
      { total: 2, inCommon: 0, namesInCommon: [] },
    ],
    [
      'Bob has 2 connections. You have 1 connection in common: Carol.',
      { total: 2, inCommon: 1, namesInCommon: ['Carol'] },
    ],
    [
      'You have 3 connections in common: A, B, and C.',
      { total: 9, inCommon: 3, namesInCommon: ['A', 'B', 'C'] },
    ],
    [
      'You have 4 connections in common, among them A, B, and C.',
      { total: 9, inCommon: 4, namesInCommon: ['A', 'B', 'C'] },
    ],
    ['You have 4 connections in common.', { total: 9, inCommon: 4, namesInCommon: [] }],
  ])('summarises connections: %s', (said, summary) => {
    expect(textFor(summary)).toContain(said);
  });

  it('uses the Arabic plural forms', () => {
    const counting = (inCommon: number) => textFor({ total: 200, inCommon, namesInCommon: [] }, 'ar');
    expect(counting(1)).toContain('بينكما جهة اتصال مشتركة واحدة.');
    expect(counting(2)).toContain('بينكما جهتا اتصال مشتركتان.');
    expect(counting(3)).toContain('بينكما 3 جهات اتصال مشتركة.');
    expect(counting(11)).toContain('بينكما 11 جهة اتصال مشتركة.');
  });
});
