import type { ComponentChildren } from 'preact';
import { STYLE } from './style.js';
import type { Texts } from './texts.js';

interface LayoutProps {
  readonly texts: Texts;
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** The frame of every page. */
export function Layout({ texts, title, children }: LayoutProps) {
  return (
    <html lang={texts.lang} dir={texts.dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  );
}
