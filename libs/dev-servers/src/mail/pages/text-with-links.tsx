import type { VNode } from 'preact';

/** Odd pieces of the split are the links. A full stop or bracket after a link is not part of it. */
const LINK = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'])/;

export function TextWithLinks({ text }: { text: string }): VNode {
  return (
    <pre class="text" dir="auto">
      {text.split(LINK).map((piece, index) =>
        index % 2 === 0 ? (
          piece
        ) : (
          <a key={index} href={piece} target="_blank" rel="noreferrer">
            {piece}
          </a>
        ),
      )}
    </pre>
  );
}
