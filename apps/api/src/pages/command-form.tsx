import type { ComponentChildren } from 'preact';
import { spoken } from './texts/isolate.js';
import type { View } from './view.js';

interface CommandFormProps {
  readonly view: View;
  readonly action: string;
  /** What the button says, and what it says where it stands alone: to a screen reader that lists buttons. */
  readonly label: ComponentChildren;
  readonly spokenLabel?: string;
  /** The page of the list on which it stands. */
  readonly cursor?: string | undefined;
  readonly main?: boolean;
}

/** A button that sends a command. */
export function CommandForm({ view, action, label, spokenLabel, cursor, main = false }: CommandFormProps) {
  return (
    <form method="post" action={action}>
      <input type="hidden" name="commandId" value={view.newCommandId()} />
      {cursor && <input type="hidden" name="cursor" value={cursor} />}
      <button
        type="submit"
        class={main ? 'main' : undefined}
        aria-label={spokenLabel === undefined ? undefined : spoken(spokenLabel)}
      >
        {label}
      </button>
    </form>
  );
}
