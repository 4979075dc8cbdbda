import type { View } from './view.js';

/** Says that the member can send nothing, before they write anything. It says neither why nor until when (R29). */
export const RestrictedBanner = ({ view: { texts, supportUrl } }: { readonly view: View }) => (
  <div class="said bad">
    <p>{texts.refused.ACCOUNT_RESTRICTED}</p>
    {supportUrl && (
      <a class="way" href={supportUrl}>
        {texts.support}
      </a>
    )}
  </div>
);
