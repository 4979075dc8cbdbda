import type { ComponentChildren } from 'preact';
import { Layout } from './frame/layout.js';
import { Sentence } from './texts/isolate.js';
import type { View } from './view.js';

interface NoticeProps {
  readonly view: View;
  readonly title: string;
  readonly text?: string;
  readonly link?: { readonly href: string; readonly label: string };
  readonly children?: ComponentChildren;
}

/** A page that says one thing, and where to go from there. */
export function NoticePage({ view, title, text, link, children }: NoticeProps) {
  return (
    <Layout view={view} title={title}>
      {text && (
        <p>
          <Sentence>{text}</Sentence>
        </p>
      )}
      {link && (
        <p>
          <a class="button main" href={link.href}>
            {link.label}
          </a>
        </p>
      )}
      {children}
    </Layout>
  );
}
