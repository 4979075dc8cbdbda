import type { Acquaintance } from '#libs/read-models';
import { Layout } from '../frame/layout.js';
import { Isolated, Sentence } from '../texts/isolate.js';
import type { View } from '../view.js';
import { webAddress } from '../web-address.js';

interface MemberPageProps {
  readonly view: View;
  readonly member: Acquaintance;
}

/** Where e-mails lead when a member has no profile elsewhere: their name, and what they say of themselves. */
export function MemberPage({ view, member: { name, headline, profileUrl } }: MemberPageProps) {
  const { texts } = view;
  const profile = webAddress(profileUrl);
  return (
    <Layout view={view} title={name}>
      {headline && (
        <p>
          <Isolated>{headline}</Isolated>
        </p>
      )}
      {profile && (
        <p>
          <a class="profile" href={profile}>
            <span>
              <Sentence>{texts.profileOf(name)}</Sentence>
            </span>
          </a>
        </p>
      )}
      <p>
        <a class="way" href="/inbox">
          {texts.toInbox}
        </a>
      </p>
    </Layout>
  );
}
