import { Layout } from '../layout/layout.js';
import { TextField } from '../layout/components.js';
import { RestrictedBanner } from './restricted-banner.js';
import type { View } from '../layout/view.js';

interface FollowUpPageProps {
  readonly view: View;
  readonly invitationId: string;
  readonly name: string;
  /** Whether the recipient's address is required (R34). */
  readonly needsEmail: boolean;
  readonly written?: { readonly message: string; readonly email: string };
  readonly error?: { readonly text: string; readonly ofEmail: boolean } | undefined;
}

const EMPTY_FORM = { message: '', email: '' };

/** R21: another invitation to the same member. The form posts to the URL of the page. */
export function FollowUpPage(props: FollowUpPageProps) {
  const { view, invitationId, name, needsEmail, written = EMPTY_FORM, error } = props;
  const { texts } = view;
  return (
    <Layout
      view={view}
      title={needsEmail ? texts.inviteAgainTo(name) : texts.followUpWith(name)}
      current="sent"
    >
      {view.member?.isRestricted && error === undefined && <RestrictedBanner view={view} />}
      <form method="post" action={`/sent/${invitationId}/follow-up`} class="card">
        <input type="hidden" name="commandId" value={view.newCommandId()} />
        {error && (
          <p id="error" role="alert" class="said bad" tabindex={-1} autofocus>
            {error.text}
          </p>
        )}
        <p>{texts.followUpText}</p>
        {needsEmail && (
          <>
            <label class="field" for="email">
              {texts.followUpEmail}
            </label>
            <p class="soft small" id="email-hint">
              {texts.followUpEmailHint}
            </p>
            <input
              type="email"
              id="email"
              name="email"
              dir="ltr"
              autocomplete="off"
              required
              value={written.email}
              aria-describedby={error?.ofEmail === true ? 'error email-hint' : 'email-hint'}
              aria-invalid={error?.ofEmail === true ? 'true' : undefined}
            />
          </>
        )}
        <TextField
          texts={texts}
          name="message"
          label={texts.followUpMessage}
          hint={texts.followUpHint}
          value={written.message}
          limit={300}
          error={error?.ofEmail === false ? 'error' : undefined}
        />
        <div class="acts">
          <button type="submit" class="main">
            {texts.sendFollowUp}
          </button>
          <a class="button" href="/sent">
            {texts.cancel}
          </a>
        </div>
      </form>
    </Layout>
  );
}
