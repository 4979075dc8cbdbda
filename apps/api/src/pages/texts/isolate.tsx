import { Fragment, type ComponentChildren } from 'preact';

/** First strong isolate and pop directional isolate: what stands between them has a direction of its own. */
const [OPEN, CLOSE] = ['\u2068', '\u2069'];

/** Marks, embeddings, overrides and isolates: with these a name could make the words around it read otherwise. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What a member wrote, to stand within a sentence of ours. */
export const isolated = (text: string): string => `${OPEN}${withoutControls(text)}${CLOSE}`;

const withoutControls = (text: string): string => text.replaceAll(BIDI_CONTROLS, '');

/** What a member wrote, on its own. */
export const Isolated = ({ children }: { readonly children: string }) => (
  <bdi>{withoutControls(children)}</bdi>
);

/** For attributes that are spoken and not shown. */
export const spoken = (sentence: string): string => sentence.replaceAll(/[\u2068\u2069]/g, '');

/** A sentence on a page: the element for isolation in place of the characters. */
export function Sentence({ children }: { readonly children: string }) {
  const parts: ComponentChildren[] = children
    .split(/\u2068([^\u2069]*)\u2069/)
    .map((part, index) => (index % 2 === 1 ? <bdi>{part}</bdi> : part));
  return <Fragment>{parts}</Fragment>;
}
