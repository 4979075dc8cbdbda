import { assertNever } from '#libs/invitation';
import type { Relation } from '#libs/read-models';
import { CommandForm, When } from '../layout/components.js';
import type { View } from '../layout/view.js';
import { Sentence, withoutIsolates } from '../texts/bidi-isolation.js';

interface RelationProps {
  readonly view: View;
  readonly memberId: string;
  readonly name: string;
  readonly relation: Relation;
}

/**
 * What the viewer can do about a member (D19): invite them, follow up on an invitation of their own, accept one, or nothing more.
 * A declined invitation looks like one that waits (D1).
 */
export function RelationActions({ view, memberId, name, relation }: RelationProps) {
  const { texts } = view;
  switch (relation.kind) {
    case 'self':
      return null;
    case 'connected':
      return <p class="status">{texts.isConnected}</p>;
    case 'invited':
      return (
        <>
          <p>
            <Sentence>{texts.wantsToConnect(name)}</Sentence>
          </p>
          <div class="acts">
            <CommandForm
              view={view}
              action={`/${relation.list}/${relation.invitationId}/accept`}
              label={texts.accept}
              spokenLabel={texts.acceptFrom(name)}
              main
            />
            <a class="button" href={`/${relation.list}`}>
              {relation.list === 'inbox' ? texts.toInbox : texts.toArchive}
            </a>
          </div>
        </>
      );
    case 'pending':
      return (
        <>
          <p>
            <Sentence>{texts.hasInvited(name)}</Sentence>{' '}
            <When view={view} label={texts.sentOn} at={relation.sentAt} />
          </p>
          <p class="status">{texts.status[relation.status]}</p>
          <div class="acts">
            <a class="button" href="/sent">
              {texts.toSent}
            </a>
            <a
              class="button"
              href={`/sent/${relation.invitationId}/follow-up`}
              aria-label={withoutIsolates(texts.followUpWith(name))}
            >
              {texts.followUp}
            </a>
          </div>
        </>
      );
    case 'none':
      return (
        <div class="acts">
          <a
            class="button main"
            href={`/invite/${memberId}`}
            aria-label={withoutIsolates(texts.inviteMember(name))}
          >
            {texts.invite}
          </a>
        </div>
      );
    default:
      return assertNever(relation);
  }
}
