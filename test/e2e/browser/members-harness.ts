import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser } from '../../support/browser.js';
import { MemberAtApi } from '../../support/member.js';
import { profile, PublishingService } from '../../support/publisher.js';
import { sharedStandalone, type SharedStandalone } from '../../support/standalone.js';
import { until } from '../../support/until.js';
import { browserOf, plain, type Settings } from './members-browser.js';

export type Person = readonly [name: string, headline: string];

/** The service, with new members for each story and a browser for each of them. */
export class MembersHarness {
  private readonly names = new Map<string, string>();

  private constructor(
    private readonly standalone: SharedStandalone,
    private readonly service: PublishingService,
    private readonly browser: Browser,
  ) {}

  static async start(): Promise<MembersHarness> {
    const standalone = await sharedStandalone();
    try {
      const service = await new PublishingService(standalone.endpoints.kafka).start();
      return new MembersHarness(standalone, service, await openBrowser());
    } catch (error) {
      await standalone.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.service.stop();
    await this.standalone.stop();
  }

  /** Adds a member to the network, and waits until the service knows it. */
  async newMember(person?: Person): Promise<MemberAtApi> {
    const { service } = this;
    const id = randomUUID();
    const { name, headline } = profile(id);
    const known = { ...profile(id), name: person?.[0] ?? name, headline: person?.[1] ?? headline };
    this.names.set(id, known.name);
    await service.publish('members.profiles', [{ key: id, value: JSON.stringify(known) }]);
    const probe = { inviterId: 'probe', recipientId: id };
    let sendId = '';
    await until(
      async () => (await service.ask('send', probe, (sendId = randomUUID()))).outcome === 'accepted',
      60_000,
      'the members directory',
    );
    await service.ask('withdraw', { invitationId: `probe.${sendId}`, actorId: 'probe' });
    return MemberAtApi.of(this.standalone, id);
  }

  nameOf = ({ id }: MemberAtApi): string => this.names.get(id)!;

  async invite(from: MemberAtApi, to: MemberAtApi, message = 'Hello'): Promise<string> {
    const response = await from.request('POST', '/v1/invitations', { recipientId: to.id, message });
    assert.equal(response.status, 201);
    const { invitationId } = (await response.json()) as { invitationId: string };
    await to.untilListed('inbox', invitationId);
    await from.untilListed('sent', invitationId);
    return invitationId;
  }

  /** Waits until the list has an invitation with that message. @returns its id */
  async untilSent(inviter: MemberAtApi, message: string): Promise<string> {
    const find = async () => (await inviter.list('sent')).find((item) => item['message'] === message);
    await until(async () => (await find()) !== undefined, 60_000, `an invitation with “${message}”`);
    return (await find())!.invitationId;
  }

  /** Opens a browser that is signed in as the member, if there is one. */
  open(member: MemberAtApi | undefined, settings: Settings): Promise<Page> {
    return browserOf(this.browser, this.standalone.endpoints.api, member, settings);
  }

  /** The invitation from or to another member. */
  card(page: Page, other: MemberAtApi): Locator {
    return page.getByRole('article').filter({ hasText: this.nameOf(other) });
  }

  /** Waits for a notice: without the name where the lists are slow. */
  async untilNotice(page: Page, done: (name: string | undefined) => string, name: string): Promise<void> {
    await page.getByRole('status').waitFor();
    const notice = await page.getByRole('status').textContent();
    assert.ok([plain(done(name)), done(undefined)].includes(notice!), `the notice is “${notice}”`);
  }

  /** Reloads the page until it shows something, because the lists lag by some seconds on a busy machine. */
  async untilShown(page: Page, what: string, isShown: () => Promise<boolean>): Promise<void> {
    await until(
      async () => {
        if (await isShown()) return true;
        await page.reload();
        return isShown();
      },
      60_000,
      what,
    );
  }

  async untilCardSays(page: Page, other: MemberAtApi, words: string): Promise<void> {
    await this.untilShown(page, words, async () =>
      ((await this.card(page, other).allTextContents())[0] ?? '').includes(words),
    );
  }
}
