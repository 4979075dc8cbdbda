import { Fragment, type ComponentChildren } from 'preact';

/** U+2068 and U+2069: the text between them has a direction of its own. */
const [FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE] = ['\u2068', '\u2069'];

/** Marks, embeddings, overrides and isolates. In a name, they could reorder the text around it. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Isolates text that a member wrote, for use within a sentence. */
export const isolate = (text: string): string =>
  `${FIRST_STRONG_ISOLATE}${withoutControls(text)}${POP_DIRECTIONAL_ISOLATE}`;

const withoutControls = (text: string): string => text.replaceAll(BIDI_CONTROLS, '');

/** Renders text that a member wrote, on its own. */
export const Isolated = ({ children }: { readonly children: string }) => (
  <bdi>{withoutControls(children)}</bdi>
);

/** Removes the isolates, for attributes that are spoken and not shown. */
export const withoutIsolates = (sentence: string): string => sentence.replaceAll(/[\u2068\u2069]/g, '');

/** Renders a sentence with `<bdi>` in place of the isolates. */
export function Sentence({ children }: { readonly children: string }) {
  const parts: ComponentChildren[] = children
    .split(/\u2068([^\u2069]*)\u2069/)
    .map((part, index) => (index % 2 === 1 ? <bdi>{part}</bdi> : part));
  return <Fragment>{parts}</Fragment>;
}
