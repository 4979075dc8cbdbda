import type { ConnectedMember, Page } from '#libs/read-models';
import { Person } from '../inbox/invitation.card.js';
import { Avatar, Pagination, When } from '../layout/components.js';
import { Layout } from '../layout/layout.js';
import { Isolated } from '../texts/bidi-isolation.js';
import type { View } from '../layout/view.js';

interface ConnectionsPageProps {
  readonly view: View;
  readonly page: Page<ConnectedMember>;
  readonly cursor?: string | undefined;
}

export function ConnectionsPage({ view, page, cursor }: ConnectionsPageProps) {
  const { texts } = view;
  return (
    <Layout view={view} title={texts.connectionsTitle} windowTitle={texts.connections} current="connections">
      {page.items.length === 0 && <p>{texts.connectionsIsEmpty}</p>}
      <ul class="rows">
        {page.items.map((member) => (
          <li key={member.memberId}>
            <article>
              <Avatar name={member.name} />
              <div class="head">
                <Person {...member} />
                <When view={view} label={texts.connectedSince} at={member.since} />
              </div>
              {member.email && (
                <a class="way" href={`mailto:${encodeURIComponent(member.email).replace('%40', '@')}`}>
                  <Isolated>{member.email}</Isolated>
                </a>
              )}
            </article>
          </li>
        ))}
      </ul>
      <Pagination texts={texts} list="/connections" cursor={cursor} next={page.next} />
    </Layout>
  );
}
