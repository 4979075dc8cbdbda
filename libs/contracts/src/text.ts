import { applyDecorators } from './apply-decorators.js';
import { ValidateBy } from 'class-validator';
import { Normalize } from './normalize.js';

/** D9: C0 but newline, DEL and C1 are stripped from texts, not refused. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

export const stripControls = (text: string): string => text.replace(CONTROLS, '');

/**
 * A text that a member wrote: well-formed Unicode of at most `max` code points after control characters are stripped.
 * @param min least number of code points; 0 allows an empty text
 */
export const IsMemberText = (min: 0 | 1, max: number): PropertyDecorator =>
  applyDecorators(
    Normalize(stripControls),
    ValidateBy({
      name: 'isMemberText',
      constraints: [min, max],
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && value.isWellFormed() && isWithin(value, min, max),
        defaultMessage: () => `$property must be a text of ${min} to ${max} characters`,
      },
    }),
  );

/** A code point is one unit or two, so that most texts need not be taken apart. */
function isWithin(text: string, min: 0 | 1, max: number): boolean {
  return text.length >= min && (text.length <= max || Array.from(text).length <= max);
}
