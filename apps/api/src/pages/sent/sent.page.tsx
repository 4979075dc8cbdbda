import type { Page, SentInvitation } from '#libs/read-models';
import { Layout } from '../frame/layout.js';
import { Paging } from '../paging.js';
import type { Said, View } from '../view.js';
import { SentCard } from './sent.card.js';

interface SentPageProps {
  readonly view: View;
  readonly page: Page<SentInvitation>;
  readonly cursor?: string | undefined;
  readonly said?: Said | undefined;
}

/** What the member has sent, and nothing that tells an ignored or a declined invitation from any other (D1). */
export function SentPage({ view, page, cursor, said }: SentPageProps) {
  const { texts } = view;
  return (
    <Layout view={view} title={texts.sentTitle} current="sent" said={said}>
      {page.items.length === 0 && <p>{texts.sentIsEmpty}</p>}
      <ul>
        {page.items.map((invitation) => (
          <li key={invitation.invitationId}>
            <SentCard view={view} invitation={invitation} cursor={cursor} />
          </li>
        ))}
      </ul>
      <Paging texts={texts} list="/sent" cursor={cursor} next={page.next} />
    </Layout>
  );
}
