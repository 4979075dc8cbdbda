import type { Texts } from './texts/texts.js';

interface PagingProps {
  readonly texts: Texts;
  /** The list's address. */
  readonly list: string;
  readonly cursor?: string | undefined;
  readonly next?: string | undefined;
}

/** To the next page of a list, and back to its first. */
export function Paging({ texts, list, cursor, next }: PagingProps) {
  if (cursor === undefined && next === undefined) return null;
  return (
    <p class="acts">
      {cursor !== undefined && (
        <a class="button" href={list}>
          {texts.newest}
        </a>
      )}
      {next !== undefined && (
        <a class="button" rel="next" href={`${list}?cursor=${encodeURIComponent(next)}`}>
          {texts.older}
        </a>
      )}
    </p>
  );
}
