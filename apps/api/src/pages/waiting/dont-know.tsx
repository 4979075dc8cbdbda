import { CommandForm } from '../command-form.js';
import { Sentence } from '../texts/isolate.js';
import type { View } from '../view.js';

interface DontKnowProps {
  readonly view: View;
  readonly invitationId: string;
  readonly name: string;
  readonly cursor?: string | undefined;
}

/** R23, in two steps: it cannot be taken back. R28: the advice stands between the offer and the button. */
export function DontKnow({ view, invitationId, name, cursor }: DontKnowProps) {
  const { texts } = view;
  return (
    <details>
      <summary>
        <span>
          <Sentence>{texts.dontKnow(name)}</Sentence>
        </span>
      </summary>
      <p>{texts.dontKnowAdvice}</p>
      <CommandForm
        view={view}
        action={`/archive/${invitationId}/decline`}
        label={<Sentence>{texts.dontKnowConfirm(name)}</Sentence>}
        cursor={cursor}
      />
    </details>
  );
}
