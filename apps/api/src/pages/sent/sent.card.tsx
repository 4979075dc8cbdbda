import type { SentInvitation } from '#libs/read-models';
import { CommandForm } from '../command-form.js';
import { Isolated, Sentence, spoken } from '../texts/isolate.js';
import type { View } from '../view.js';

interface SentCardProps {
  readonly view: View;
  readonly invitation: SentInvitation;
  readonly cursor?: string | undefined;
}

/** To whom, what, when, how it stands as its inviter may know, and what there is to do (R21, R31). */
export function SentCard({ view, invitation, cursor }: SentCardProps) {
  const { texts } = view;
  const { invitationId, recipient, message, sentAt, status } = invitation;
  return (
    <article>
      <div class="head">
        <h2>
          <Isolated>{recipient.name}</Isolated>
        </h2>
        <p class="status">{texts.status[status]}</p>
      </div>
      {message && <blockquote dir="auto">{message}</blockquote>}
      <p class="soft small">
        {texts.sentOn} <time datetime={sentAt}>{texts.date(new Date(sentAt))}</time>
      </p>
      {status !== 'accepted' && (
        <div class="acts">
          <a
            class="button"
            href={`/sent/${invitationId}/follow-up`}
            aria-label={spoken(texts.followUpWith(recipient.name))}
          >
            {texts.followUp}
          </a>
          {status === 'pending' && (
            <details>
              <summary aria-label={spoken(texts.withdrawFrom(recipient.name))}>{texts.withdraw}</summary>
              <p>{texts.withdrawText}</p>
              <CommandForm
                view={view}
                action={`/sent/${invitationId}/withdraw`}
                label={<Sentence>{texts.withdrawConfirm(recipient.name)}</Sentence>}
                cursor={cursor}
              />
            </details>
          )}
        </div>
      )}
    </article>
  );
}
