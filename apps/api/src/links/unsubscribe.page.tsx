import { Layout } from '../pages/layout.js';
import type { Texts } from '../pages/texts.js';

export function UnsubscribePage({ texts }: { readonly texts: Texts }) {
  return (
    <Layout texts={texts} title={texts.unsubscribe}>
      <form method="post" class="card">
        <p>{texts.unsubscribeText}</p>
        <button type="submit">{texts.stop}</button>
      </form>
    </Layout>
  );
}
