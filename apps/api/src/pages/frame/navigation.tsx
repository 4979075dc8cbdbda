import type { Texts } from '../texts/texts.js';

const PAGES = [
  ['inbox', 'inbox'],
  ['archive', 'archive'],
  ['sent', 'sentList'],
  ['preferences', 'preferencesPage'],
] as const;

/** By the first segment of its address. */
export type MemberPage = (typeof PAGES)[number][0];

interface NavigationProps {
  readonly texts: Texts;
  readonly current: MemberPage;
}

export function Navigation({ texts, current }: NavigationProps) {
  return (
    <nav aria-label={texts.pages}>
      <ul>
        {PAGES.map(([page, label]) => (
          <li key={page}>
            <a href={`/${page}`} aria-current={page === current ? 'page' : undefined}>
              {texts[label]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
