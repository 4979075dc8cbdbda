import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Registry } from 'prom-client';
import { Topics } from '#libs/contracts';
import { parseLinkKeys } from '#libs/mail';
import { Health, postgresConnection } from '#libs/platform';
import { FATAL, LOGGER, poolProvider, serviceProviders, type ServiceOptions } from '#libs/service';
import { RestrictionController } from './accounts/restriction.controller.js';
import { ApiApp } from './api-app.js';
import { createKafkaChannel } from './commands/create-kafka-channel.js';
import { CommandChannel } from './commands/kafka-command-channel.js';
import { CommandGateway } from './commands/command-gateway.js';
import { CommandsController } from './commands/commands.controller.js';
import { ApiConfig } from './config/api.config.js';
import { ProblemFilter } from './http/problem.filter.js';
import { createTokenVerifier, TokenVerifier } from './identity/token-verifier.js';
import { InvitationsController } from './invitations/invitations.controller.js';
import { BucketSweeper, DistributedRateLimiter } from './rate-limits/distributed-rate-limiter.js';
import { LocalRateLimiter } from './rate-limits/local-rate-limiter.js';
import { AcceptLink } from './links/accept-link.js';
import { LINK_KEYS, LinkVerifier } from './links/link.js';
import { LinksController } from './links/links.controller.js';
import { PreferencesLink, UnsubscribeLink } from './links/preferences-links.js';
import { ListsController } from './lists/lists.controller.js';
import { HealthController } from './operations/health.controller.js';
import { MetricsController } from './operations/metrics.controller.js';
import { FormActions } from './pages/support/form-actions.js';
import { AssetsController } from './pages/layout/assets.controller.js';
import { HomeController } from './pages/home/home.controller.js';
import { ConnectionsController } from './pages/connections/connections.controller.js';
import { PageFilter, UnknownAddressFilter } from './pages/support/page.filter.js';
import { PageRenderer } from './pages/support/page-renderer.js';
import { PreferencesPageController } from './pages/preferences/preferences-page.controller.js';
import { InviteController } from './pages/invite/invite.controller.js';
import { MemberController } from './pages/member/member.controller.js';
import { FollowUpController } from './pages/sent/follow-up.controller.js';
import { SentController } from './pages/sent/sent.controller.js';
import { InboxNewsController } from './pages/inbox/inbox-news.controller.js';
import { IgnoreDeclineController } from './pages/inbox/ignore-decline.controller.js';
import { ReplyController } from './pages/inbox/reply.controller.js';
import { InboxController } from './pages/inbox/inbox.controller.js';
import { PreferencesController } from './preferences/preferences.controller.js';
import { PreferencesClient } from './preferences/preferences.client.js';

@Module({})
export class ApiModule {
  /** @param replacements replace providers of the same token, in tests */
  static forRoot(options: ServiceOptions<ApiConfig>, replacements: readonly Provider[] = []): DynamicModule {
    const { config } = options;
    return {
      module: ApiModule,
      controllers: [
        InvitationsController,
        RestrictionController,
        CommandsController,
        ListsController,
        PreferencesController,
        LinksController,
        InboxController,
        InboxNewsController,
        IgnoreDeclineController,
        ReplyController,
        SentController,
        FollowUpController,
        MemberController,
        InviteController,
        PreferencesPageController,
        HomeController,
        ConnectionsController,
        AssetsController,
        HealthController,
        MetricsController,
      ],
      providers: [
        ...serviceProviders(ApiConfig, options),
        { provide: Topics, useValue: new Topics(config.TOPIC_PREFIX) },
        poolProvider({
          ...postgresConnection(config),
          app: 'api',
          statementTimeoutMs: config.DATABASE_TIMEOUT,
        }),
        {
          provide: CommandChannel,
          inject: [ApiConfig, Topics, FATAL, Health, Registry, LOGGER],
          useFactory: createKafkaChannel,
        },
        { provide: TokenVerifier, useFactory: () => createTokenVerifier(config) },
        { provide: LINK_KEYS, useFactory: () => config.LINK_KEYS && parseLinkKeys(config.LINK_KEYS) },
        CommandGateway,
        LocalRateLimiter,
        DistributedRateLimiter,
        BucketSweeper,
        PageRenderer,
        FormActions,
        PreferencesClient,
        LinkVerifier,
        AcceptLink,
        PreferencesLink,
        UnsubscribeLink,
        PageFilter,
        ProblemFilter,
        { provide: APP_FILTER, useExisting: ProblemFilter },
        // Nest asks the filter that was registered last first; the one above takes every error.
        { provide: APP_FILTER, useClass: UnknownAddressFilter },
        ApiApp,
        ...replacements,
      ],
    };
  }
}
