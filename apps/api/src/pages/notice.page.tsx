import { Layout } from './layout.js';
import type { Texts } from './texts.js';

interface NoticeProps {
  readonly texts: Texts;
  readonly title: string;
  readonly text?: string;
  readonly link?: { readonly href: string; readonly label: string };
}

/** A page that says one thing, and where to go from there. */
export function NoticePage({ texts, title, text, link }: NoticeProps) {
  return (
    <Layout texts={texts} title={title}>
      {text && <p>{text}</p>}
      {link && (
        <p>
          <a href={link.href}>{link.label}</a>
        </p>
      )}
    </Layout>
  );
}
