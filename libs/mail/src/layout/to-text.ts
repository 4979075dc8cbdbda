import { Fragment, type ComponentChildren, type VNode } from 'preact';
import { linesOf } from '../language/clean-text.js';
import { isolated } from '../language/direction.js';
import type { Language } from '../language/language.js';
import { Address, Button, Footer, Heading, Link, Name, Paragraph, Quote } from './blocks.js';

type Props = Record<string, unknown> & { children?: ComponentChildren };
type Rendering = (props: Props, language: Language) => string;

const inline: Rendering = ({ children }, language) => toText(children, language);
const paragraph: Rendering = (props, language) => `${inline(props, language)}\n\n`;
const link: Rendering = (props, language) => `${inline(props, language)}:\n${String(props['href'])}\n\n`;
const quote: Rendering = ({ text }) =>
  `${linesOf(String(text))
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')}\n\n`;

const RENDERINGS = new Map<unknown, Rendering>([
  [Heading, paragraph],
  [Paragraph, paragraph],
  [Quote, quote],
  [Button, link],
  [Link, link],
  [Footer, (props, language) => `-- \n${inline(props, language)}`],
  [Name, (props, language) => isolated(inline(props, language), language)],
  [Address, inline],
  [Fragment, inline],
]);

/** The plain text of an e-mail's blocks. */
export const plainText = (body: VNode, language: Language): string => `${toText(body, language).trim()}\n`;

/** @throws TypeError for an element without a rendering in plain text: what it says would be missing there */
function toText(node: ComponentChildren, language: Language): string {
  if (node === null || node === undefined || typeof node === 'boolean') return '';
  if (Array.isArray(node)) return node.map((child) => toText(child, language)).join('');
  if (typeof node !== 'object') return String(node);
  const { type, props } = node as VNode<Props>;
  const render = RENDERINGS.get(type);
  if (render !== undefined) return render(props, language);
  if (typeof type !== 'function') throw new TypeError(`<${type}> has no rendering in plain text`);
  return toText((type as (props: Props) => ComponentChildren)(props), language);
}
