import { Fragment, type ComponentChildren, type VNode } from 'preact';
import { linesOf } from '../language/clean-text.js';
import { Button, Footer, Heading, Link, Name, Paragraph, Quote } from './blocks.js';

type Props = Record<string, unknown> & { children?: ComponentChildren };

const paragraph = ({ children }: Props): string => `${toText(children)}\n\n`;
const link = ({ href, children }: Props): string => `${toText(children)}:\n${String(href)}\n\n`;
const quote = ({ text }: Props): string =>
  `${linesOf(String(text))
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')}\n\n`;
const inline = ({ children }: Props): string => toText(children);

const RENDERINGS = new Map<unknown, (props: Props) => string>([
  [Heading, paragraph],
  [Paragraph, paragraph],
  [Quote, quote],
  [Button, link],
  [Link, link],
  [Footer, ({ children }) => `-- \n${toText(children)}`],
  [Name, inline],
  [Fragment, inline],
]);

/** The plain text of an e-mail's blocks. */
export const plainText = (body: VNode): string => `${toText(body).trim()}\n`;

/** @throws TypeError for an element without a rendering in plain text: what it says would be missing there */
function toText(node: ComponentChildren): string {
  if (node === null || node === undefined || typeof node === 'boolean') return '';
  if (Array.isArray(node)) return node.map(toText).join('');
  if (typeof node !== 'object') return String(node);
  const { type, props } = node as VNode<Props>;
  const render = RENDERINGS.get(type);
  if (render !== undefined) return render(props);
  if (typeof type !== 'function') throw new TypeError(`<${type}> has no rendering in plain text`);
  return toText((type as (props: Props) => ComponentChildren)(props));
}
