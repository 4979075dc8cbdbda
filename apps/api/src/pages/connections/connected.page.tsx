import type { NewConnection } from '#libs/read-models';
import { Person } from '../inbox/invitation.card.js';
import { Avatar } from '../layout/components.js';
import { Layout } from '../layout/layout.js';
import { Isolated } from '../texts/bidi-isolation.js';
import type { View } from '../layout/view.js';

interface ConnectionDetailsProps {
  readonly view: View;
  readonly connection: NewConnection;
}

/** The connections in common and the address of a connection. */
export const ConnectionDetails = ({ view, connection: { email, inCommon } }: ConnectionDetailsProps) => (
  <>
    {inCommon > 0 && <p class="soft">{view.texts.inCommon(inCommon)}</p>}
    {email && (
      <a class="way" href={`mailto:${encodeURIComponent(email).replace('%40', '@')}`}>
        <Isolated>{email}</Isolated>
      </a>
    )}
  </>
);

interface ConnectedPageProps {
  readonly view: View;
  readonly newConnection: NewConnection;
}

/** After an acceptance: who the new connection is, how to reach them, and whom both know. */
export function ConnectedPage({ view, newConnection }: ConnectedPageProps) {
  const { texts } = view;
  const { name } = newConnection;
  return (
    <Layout view={view} title={texts.connected(name)}>
      <article>
        <Avatar name={name} />
        <Person {...newConnection} />
        <ConnectionDetails view={view} connection={newConnection} />
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
