import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Registry } from 'prom-client';
import type { LinkKeys } from '#libs/mail';
import { Health, type Logger, type Queryable } from '#libs/platform';
import { RestrictionController } from './accounts/restriction.controller.js';
import { CommandChannel } from './commands/command-channel.js';
import { CommandDesk } from './commands/command-desk.js';
import { CommandsController } from './commands/commands.controller.js';
import { ApiConfig } from './config.js';
import { ProblemFilter } from './http/problem.filter.js';
import { TokenVerifier } from './identity/token-verifier.js';
import { AnswerInvitationController } from './invitations/answer-invitation.controller.js';
import { SendInvitationController } from './invitations/send-invitation.controller.js';
import { BucketSweeper } from './limits/bucket-sweeper.js';
import { InstanceLimits } from './limits/instance-limits.js';
import { SharedLimits } from './limits/shared-limits.js';
import { AcceptLink } from './links/accept-link.js';
import { LinkReader } from './links/link-reader.js';
import { LinksController } from './links/links.controller.js';
import { PreferencesLink } from './links/preferences-link.js';
import { UnsubscribeLink } from './links/unsubscribe-link.js';
import { ListsController } from './lists/lists.controller.js';
import { HealthController } from './operations/health.controller.js';
import { MetricsController } from './operations/metrics.controller.js';
import { Errands } from './pages/errands.js';
import { ScriptController } from './pages/frame/script.controller.js';
import { PageFilter } from './pages/page.filter.js';
import { Pages } from './pages/pages.js';
import { PreferencesPageController } from './pages/preferences/preferences-page.controller.js';
import { MemberPageController } from './pages/member/member-page.controller.js';
import { FollowUpPageController } from './pages/sent/follow-up-page.controller.js';
import { SentPageController } from './pages/sent/sent-page.controller.js';
import { PutAsidePageController } from './pages/waiting/put-aside-page.controller.js';
import { ReplyPageController } from './pages/waiting/reply-page.controller.js';
import { WaitingPageController } from './pages/waiting/waiting-page.controller.js';
import { UnknownAddressFilter } from './pages/unknown-address.filter.js';
import { PreferencesController } from './preferences/preferences.controller.js';
import { PreferencesKeeper } from './preferences/preferences-keeper.js';
import { DATABASE, LINK_KEYS, LOGGER, METRICS } from './tokens.js';

/** What is opened before the app and closed after it, in an order that its parts need not know. */
export interface ApiParts {
  readonly config: ApiConfig;
  readonly logger: Logger;
  readonly health: Health;
  readonly metrics: Registry;
  readonly db: Queryable;
  readonly channel: CommandChannel;
  readonly verifier: TokenVerifier;
  /** Undefined: no e-mail link is good. */
  readonly linkKeys: LinkKeys | undefined;
}

@Module({})
export class ApiModule {
  static with({ config, logger, health, metrics, db, channel, verifier, linkKeys }: ApiParts): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        SendInvitationController,
        AnswerInvitationController,
        RestrictionController,
        CommandsController,
        ListsController,
        PreferencesController,
        LinksController,
        WaitingPageController,
        PutAsidePageController,
        ReplyPageController,
        SentPageController,
        FollowUpPageController,
        MemberPageController,
        PreferencesPageController,
        ScriptController,
        HealthController,
        MetricsController,
      ],
      providers: [
        CommandDesk,
        InstanceLimits,
        SharedLimits,
        BucketSweeper,
        Pages,
        Errands,
        PreferencesKeeper,
        LinkReader,
        AcceptLink,
        PreferencesLink,
        UnsubscribeLink,
        PageFilter,
        ProblemFilter,
        { provide: APP_FILTER, useExisting: ProblemFilter },
        // Asked before the one above, which takes every error.
        { provide: APP_FILTER, useClass: UnknownAddressFilter },
        { provide: ApiConfig, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: Health, useValue: health },
        { provide: METRICS, useValue: metrics },
        { provide: DATABASE, useValue: db },
        { provide: CommandChannel, useValue: channel },
        { provide: TokenVerifier, useValue: verifier },
        { provide: LINK_KEYS, useValue: linkKeys },
      ],
    };
  }
}
