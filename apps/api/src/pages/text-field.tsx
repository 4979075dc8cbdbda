import type { Texts } from './texts/texts.js';

interface TextFieldProps {
  readonly texts: Texts;
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  /** In code points, as the service counts (D9). */
  readonly limit: number;
  readonly required?: boolean;
  /** The id of what is wrong with it. */
  readonly error?: string | undefined;
}

/** A text to write. The browser counts in UTF-16 units, of which a code point has up to two: it stops what is surely too long. */
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
        required={required}
        aria-describedby={described}
        aria-invalid={error === undefined ? undefined : 'true'}
      >
        {value}
      </textarea>
    </>
  );
}
