import { Matches, MaxLength } from 'class-validator';
import { applyDecorators } from './apply-decorators.js';

const LETTER = String.raw`\u00a1-\ud7ff\uf900-\ufdcf\ufdf0-\uff00\uff5f-\uffef`;
const LOCAL = `[A-Za-z0-9!#$%&'*+/=?^_\`{|}~${LETTER}\\-]`;
const IN_LABEL = `[A-Za-z0-9${LETTER}\\-]`;
const AT_EDGE = `[A-Za-z0-9${LETTER}]`;
const LABEL = `${AT_EDGE}(?:${IN_LABEL}{0,61}${AT_EDGE})?`;
const TOP = `(?:[A-Za-z${LETTER}]{2,63}|[Xx][Nn][A-Za-z0-9\\-]{1,60}[A-Za-z0-9])`;

/**
 * An address as people write them: no quoted names, no comments, no line breaks that would end a mail's header; domains
 * with a dot. It is one pattern, so that the published schema says the same as the code.
 */
export const EMAIL_ADDRESS = new RegExp(
  `^(?=[^@]{1,64}@)${LOCAL}+(?:\\.${LOCAL}+)*@(?:${LABEL}\\.)+${TOP}$`,
  'u',
);

export const MAX_EMAIL_LENGTH = 254;

export const IsEmailAddress = (): PropertyDecorator =>
  applyDecorators(
    MaxLength(MAX_EMAIL_LENGTH, { message: '$property must be an e-mail address' }),
    Matches(EMAIL_ADDRESS, { message: '$property must be an e-mail address' }),
  );
