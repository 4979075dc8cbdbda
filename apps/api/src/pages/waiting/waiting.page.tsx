import type { Page, WaitingInvitation } from '#libs/read-models';
import { CommandForm } from '../command-form.js';
import { Layout } from '../frame/layout.js';
import { Paging } from '../paging.js';
import { spoken } from '../texts/isolate.js';
import type { Said, View } from '../view.js';
import { DontKnow } from './dont-know.js';
import { InvitationCard } from './invitation.card.js';
import type { WaitingList } from './waiting-list.js';

interface WaitingPageProps {
  readonly view: View;
  readonly list: WaitingList;
  readonly page: Page<WaitingInvitation>;
  readonly cursor?: string | undefined;
  /** Which of them the member has replied to: what is left is to accept (R18). */
  readonly replied: ReadonlySet<string>;
  readonly said?: Said | undefined;
}

/** R9: what waits for the member's answer; and what they have ignored, which they may still answer (R19, D5). */
export function WaitingPage({ view, list, page, cursor, replied, said }: WaitingPageProps) {
  const { texts } = view;
  const inArchive = list === 'archive';
  return (
    <Layout view={view} title={inArchive ? texts.archiveTitle : texts.inboxTitle} current={list} said={said}>
      {page.items.length === 0 && <p>{inArchive ? texts.archiveIsEmpty : texts.inboxIsEmpty}</p>}
      <ul>
        {page.items.map((invitation) => {
          const { invitationId, inviter } = invitation;
          const address = `/${list}/${invitationId}`;
          const place = { view, cursor };
          return (
            <li key={invitationId}>
              <InvitationCard texts={texts} invitation={invitation}>
                {replied.has(invitationId) && <p>{texts.haveReplied}</p>}
                <div class="acts">
                  <CommandForm
                    {...place}
                    action={`${address}/accept`}
                    label={texts.accept}
                    spokenLabel={texts.acceptFrom(inviter.name)}
                    main
                  />
                  {!replied.has(invitationId) && (
                    <>
                      <a
                        class="button"
                        href={`${address}/reply`}
                        aria-label={spoken(texts.replyTo(inviter.name))}
                      >
                        {texts.reply}
                      </a>
                      {inArchive ? (
                        <DontKnow {...place} invitationId={invitationId} name={inviter.name} />
                      ) : (
                        <CommandForm
                          {...place}
                          action={`${address}/ignore`}
                          label={texts.ignore}
                          spokenLabel={texts.ignoreFrom(inviter.name)}
                        />
                      )}
                    </>
                  )}
                </div>
              </InvitationCard>
            </li>
          );
        })}
      </ul>
      <Paging texts={texts} list={`/${list}`} cursor={cursor} next={page.next} />
    </Layout>
  );
}
