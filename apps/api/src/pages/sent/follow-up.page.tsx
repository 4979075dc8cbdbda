import { Layout } from '../frame/layout.js';
import { TextField } from '../text-field.js';
import type { View } from '../view.js';

interface FollowUpPageProps {
  readonly view: View;
  readonly invitationId: string;
  readonly name: string;
  /** Whether to ask for the recipient's address (R34). */
  readonly needsEmail: boolean;
  readonly written?: { readonly message: string; readonly email: string };
  readonly error?: { readonly text: string; readonly ofEmail: boolean } | undefined;
}

const NOTHING = { message: '', email: '' };

/** R21: another invitation to the same person. The form goes to the address that shows it. */
export function FollowUpPage(props: FollowUpPageProps) {
  const { view, invitationId, name, needsEmail, written = NOTHING, error } = props;
  const { texts } = view;
  return (
    <Layout view={view} title={texts.followUpWith(name)} current="sent">
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
