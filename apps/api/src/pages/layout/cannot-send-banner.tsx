import type { View } from './view.js';

/**
 * Says that the member can send nothing, before they write anything. It says neither why nor until when an account is restricted
 * (R29), and no number (R3).
 */
export function CannotSendBanner({ view: { texts, supportUrl, member } }: { readonly view: View }) {
  const code = member?.isRestricted
    ? 'ACCOUNT_RESTRICTED'
    : member?.hasReachedLimit
      ? 'LIMIT_REACHED'
      : undefined;
  if (code === undefined) return null;
  return (
    <div class="said bad">
      {/* The sentence asks to contact support: where there is a link, it says so. */}
      <p>{supportUrl && code === 'ACCOUNT_RESTRICTED' ? texts.restricted : texts.refused[code]}</p>
      {supportUrl && (
        <a class="way" href={supportUrl}>
          {texts.support}
        </a>
      )}
    </div>
  );
}
