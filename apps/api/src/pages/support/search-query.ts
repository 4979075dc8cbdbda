import type { PipeTransform } from '@nestjs/common';
import { stripControlCharacters } from '#libs/contracts';

/** Longer than any name. */
const MAX_LENGTH = 100;

/** Reads the text that a member searches; undefined for none. */
export class SearchPipe implements PipeTransform<unknown, string | undefined> {
  transform(text: unknown): string | undefined {
    if (typeof text !== 'string') return undefined;
    const search = Array.from(stripControlCharacters(text).trim().toWellFormed())
      .slice(0, MAX_LENGTH)
      .join('');
    return search === '' ? undefined : search;
  }
}
