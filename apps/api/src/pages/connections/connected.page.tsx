import type { NewConnection } from '#libs/read-models';
import { Person } from '../inbox/invitation.card.js';
import { Avatar } from '../layout/components.js';
import { Layout } from '../layout/layout.js';
import { Isolated } from '../texts/bidi-isolation.js';
import type { View } from '../layout/view.js';

interface ConnectedPageProps {
  readonly view: View;
  readonly newConnection: NewConnection;
}

/** After an acceptance: who the new connection is, how to reach them, and whom both know. */
export function ConnectedPage({ view, newConnection }: ConnectedPageProps) {
  const { texts } = view;
  const { name, email, inCommon } = newConnection;
  return (
    <Layout view={view} title={texts.connected(name)}>
      <article>
        <Avatar name={name} />
        <Person {...newConnection} />
        {inCommon > 0 && <p class="soft">{texts.inCommon(inCommon)}</p>}
        {email && (
          <a class="way" href={`mailto:${encodeURIComponent(email).replace('%40', '@')}`}>
            <Isolated>{email}</Isolated>
          </a>
        )}
      </article>
      <div class="acts">
        <a class="button main" href="/inbox">
          {texts.toInbox}
        </a>
        <a class="button" href="/connections">
          {texts.connectionsTitle}
        </a>
      </div>
    </Layout>
  );
}
