import type { ComponentChildren } from 'preact';
import { Isolated, withoutIsolates } from '../texts/bidi-isolation.js';
import type { Texts } from '../texts/texts.js';
import type { View } from './view.js';

interface CommandFormProps {
  readonly view: View;
  readonly action: string;
  /** The visible label of the button. */
  readonly label: ComponentChildren;
  /** The label for screen readers, which list buttons without their context. */
  readonly spokenLabel?: string;
  /** The page of the list that contains the form. */
  readonly cursor?: string | undefined;
  readonly main?: boolean;
}

/** A form of one button that sends a command. */
export function CommandForm({ view, action, label, spokenLabel, cursor, main = false }: CommandFormProps) {
  return (
    <form method="post" action={action}>
      <input type="hidden" name="commandId" value={view.newCommandId()} />
      {cursor && <input type="hidden" name="cursor" value={cursor} />}
      <button
        type="submit"
        class={main ? 'main' : undefined}
        aria-label={spokenLabel === undefined ? undefined : withoutIsolates(spokenLabel)}
      >
        {label}
      </button>
    </form>
  );
}

interface TextFieldProps {
  readonly texts: Texts;
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  /** In code points, as the service counts (D9). */
  readonly limit: number;
  readonly required?: boolean;
  /** The id of the element that describes the error. */
  readonly error?: string | undefined;
}

interface CommandButtonProps {
  readonly view: View;
  readonly action: string;
  readonly label: string;
  readonly spokenLabel: string;
  readonly main?: boolean;
}

/** A button that sends a command, within a form that may have several. Its value is the id of its command. */
export const CommandButton = ({ view, action, label, spokenLabel, main = false }: CommandButtonProps) => (
  <button
    formaction={action}
    name="commandId"
    value={view.newCommandId()}
    class={main ? 'main' : undefined}
    aria-label={withoutIsolates(spokenLabel)}
  >
    {label}
  </button>
);

interface AvatarProps {
  readonly name: string;
}

/** The initials of a name, for the eye only. */
export const Avatar = ({ name }: AvatarProps) => (
  <span class="avatar" aria-hidden="true">
    <Isolated>{initialsOf(name)}</Isolated>
  </span>
);

/** The first characters of the first two words that begin with a letter. */
const initialsOf = (name: string): string =>
  name
    .split(/\s+/u)
    .map((word) => /^\p{L}/u.exec(word)?.[0] ?? '')
    .filter((letter) => letter !== '')
    .slice(0, 2)
    .join('\u200c');

interface WhenProps {
  readonly view: View;
  readonly label: string;
  readonly at: string;
}

/** How long ago something was, with the date for those who point at it. */
export const When = ({ view: { texts, now }, label, at }: WhenProps) => (
  <span class="soft small when">
    <span class="unseen">{label} </span>
    <time datetime={at} title={texts.date(new Date(at))}>
      {texts.ago(new Date(at), now)}
    </time>
  </span>
);

/**
 * A text field. The browser's `maxlength` counts UTF-16 units, of which a code point has up to two, so it stops only
 * text that is certainly too long.
 */
export function TextField({
  texts,
  name,
  label,
  hint,
  value,
  limit,
  required = false,
  error,
}: TextFieldProps) {
  const described = [error, `${name}-hint`].filter((id) => id !== undefined).join(' ');
  return (
    <>
      <label class="field" for={name}>
        {label}
      </label>
      <p class="soft small" id={`${name}-hint`}>
        {hint}
      </p>
      <textarea
        id={name}
        name={name}
        dir="auto"
        maxlength={2 * limit}
        data-limit={limit}
        data-left={texts.charactersLeft}
        data-over={texts.charactersOver}
        required={required}
        aria-describedby={described}
        aria-invalid={error === undefined ? undefined : 'true'}
      >
        {value}
      </textarea>
    </>
  );
}

interface PagingProps {
  readonly texts: Texts;
  /** The path of the list. */
  readonly list: string;
  readonly cursor?: string | undefined;
  readonly next?: string | undefined;
  /** The text that is searched. */
  readonly search?: string | undefined;
}

/** A form to search a list. It is shown only where the list is longer than a page, or is being searched. */
export function SearchForm({ texts, list, cursor, next, search }: PagingProps) {
  if (cursor === undefined && next === undefined && search === undefined) return null;
  return (
    <form method="get" action={list} role="search" class="search">
      <input
        type="search"
        name="q"
        dir="auto"
        value={search}
        maxlength={200}
        aria-label={texts.searchLabel}
      />
      <button type="submit">{texts.search}</button>
    </form>
  );
}

/** Links to the next page of a list and to its first, which ends a search. */
export function Pagination({ texts, list, cursor, next, search }: PagingProps) {
  if (cursor === undefined && next === undefined && search === undefined) return null;
  const query = search === undefined ? '' : `q=${encodeURIComponent(search)}&`;
  return (
    <p class="acts">
      {(cursor !== undefined || search !== undefined) && (
        <a class="button" href={list}>
          {search === undefined ? texts.newest : texts.showAll}
        </a>
      )}
      {next !== undefined && (
        <a class="button" rel="next" href={`${list}?${query}cursor=${encodeURIComponent(next)}`}>
          {texts.older}
        </a>
      )}
    </p>
  );
}
