import { describe, expect, it } from '@jest/globals';
import { message } from '../../../../test/support/command-messages.js';
import type { DeadLetterReader, FoundLetter } from './dead-letter-reader.js';
import { list } from './print-dead-letters.js';

const letter = (place: string, at: string | undefined): FoundLetter => ({
  letter: { place, at, origin: undefined, type: 't', id: 'i', reason: 'r', hasContent: true },
  message: message({}, '{}'),
  redrivenAt: undefined,
});

const FOUND = [
  letter('0@7', '2026-01-05T09:00:00.000Z'),
  letter('1@2', '2026-01-05T08:00:00.000Z'),
  letter('1@3', '2026-01-05T10:00:00.000Z'),
  letter('2@0', undefined),
];

async function listed(asJson: boolean): Promise<string[]> {
  const read: DeadLetterReader['read'] = async (_selection, onLetter) => {
    for (const found of FOUND) await onLetter(found);
  };
  const lines: string[] = [];
  await list({ read } as DeadLetterReader, {}, asJson, (line) => lines.push(line));
  return lines;
}

describe('list of dead letters', () => {
  it('prints the letters of all partitions by time', async () => {
    const [, ...lines] = await listed(false);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['2@0', '1@2', '0@7', '1@3', '4']);
  });

  it('prints JSON by time', async () => {
    const items = JSON.parse((await listed(true)).join('')) as { place: string }[];
    expect(items.map(({ place }) => place)).toEqual(['2@0', '1@2', '0@7', '1@3']);
  });
});
