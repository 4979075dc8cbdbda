import type { VNode } from 'preact';
import type { Language } from '../language/language.js';

/** One kind of e-mail: what it says of its data, made of the blocks in `layout/blocks.tsx`. */
export type EmailTemplate<Data> = (
  data: Data,
  language: Language,
) => { readonly subject: string; readonly body: VNode };

/** Who an e-mail is about. */
export interface Person {
  readonly name: string;
  /** May be empty. */
  readonly headline: string;
  readonly profileUrl: string;
}
