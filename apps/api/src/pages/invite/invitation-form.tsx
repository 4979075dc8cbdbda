import type { ComponentChildren } from 'preact';
import { TextField } from '../layout/components.js';
import type { View } from '../layout/view.js';
import { MESSAGE_LIMIT } from '../support/text-length.js';

export interface InvitationFormProps {
  readonly view: View;
  /** Where the form posts to. */
  readonly action: string;
  /** Where the member goes instead. */
  readonly cancelTo: string;
  /** Whether the recipient's address is required (R34). */
  readonly needsEmail: boolean;
  readonly written?: { readonly message: string; readonly email: string };
  readonly error?: { readonly text: string; readonly ofEmail: boolean } | undefined;
  readonly children?: ComponentChildren;
}

const EMPTY_FORM = { message: '', email: '' };

/** The form of an invitation: a message, and the recipient's address where it is required. */
export function InvitationForm(props: InvitationFormProps) {
  const { view, action, cancelTo, needsEmail, written = EMPTY_FORM, error, children } = props;
  const { texts } = view;
  return (
    <form method="post" action={action} class="card">
      <input type="hidden" name="commandId" value={view.newCommandId()} />
      {error && (
        <p id="error" role="alert" class="said bad" tabindex={-1} autofocus>
          {error.text}
        </p>
      )}
      {children}
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
        limit={MESSAGE_LIMIT}
        error={error?.ofEmail === false ? 'error' : undefined}
      />
      <div class="acts">
        <button type="submit" class="main">
          {texts.sendFollowUp}
        </button>
        <a class="button" href={cancelTo}>
          {texts.cancel}
        </a>
      </div>
    </form>
  );
}
