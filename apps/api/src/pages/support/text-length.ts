import { type OutcomeCode, stripControlCharacters } from '#libs/contracts';
import type { Texts } from '../texts/texts.js';

/** D9, in code points. */
export const MESSAGE_LIMIT = 300;
export const REPLY_LIMIT = 2000;

/** Counts like the service, which strips control characters; 0 for a text that fits. */
export const countCharactersOver = (text: string, limit: number): number =>
  Math.max(0, Array.from(stripControlCharacters(text)).length - limit);

/** Why an invitation was refused. A message that is too long has no code of its own. */
export function explainRefusal(texts: Texts, code: OutcomeCode, message: string): string {
  const over = countCharactersOver(message, MESSAGE_LIMIT);
  return code === 'INVALID_COMMAND' && over > 0 ? texts.tooLong(MESSAGE_LIMIT, over) : texts.refused[code];
}

/** Why a reply was not sent. One that is empty or too long has no code of its own. */
export function explainUnsentReply(texts: Texts, code: OutcomeCode, message: string): string {
  if (code !== 'INVALID_COMMAND') return texts.refused[code];
  const over = countCharactersOver(message, REPLY_LIMIT);
  return over === 0 ? texts.replyNeeded : texts.tooLong(REPLY_LIMIT, over);
}
