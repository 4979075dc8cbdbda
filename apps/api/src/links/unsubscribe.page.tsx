import { Layout } from '../pages/frame/layout.js';
import type { View } from '../pages/view.js';

export function UnsubscribePage({ view }: { readonly view: View }) {
  const { texts } = view;
  return (
    <Layout view={view} title={texts.unsubscribe}>
      <form method="post" class="card">
        <p>{texts.unsubscribeText}</p>
        <button type="submit" class="main">
          {texts.stop}
        </button>
      </form>
    </Layout>
  );
}
