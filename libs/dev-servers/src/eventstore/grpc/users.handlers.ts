import type { handleServerStreamingCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Access, User } from '../access/access.js';
import type { StoredUser, Users } from '../access/users.js';
import { users as messages } from '../protocol/stubs.js';
import { BadRequestError, toServiceError } from './grpc-errors.js';
import { readCredentials } from './request-fields.js';
import { unary } from './unary.handlers.js';

/** The Users service: administrators manage users, and every user may ask for a user's details. */
export function usersHandlers(users: Users, access: Access): UntypedServiceImplementation {
  const asAdmin = <Options extends object, Response>(
    response: new () => Response,
    handle: (options: Options) => Promise<void>,
  ) =>
    unary(async (request: { getOptions(): Options | undefined }, credentials) => {
      access.requireAdmin(access.authenticate(credentials));
      const options = request.getOptions();
      if (!options) throw new BadRequestError('The request has no options.');
      await handle(options);
      return new response();
    });
  return {
    create: asAdmin(messages.CreateResp, (options: messages.CreateReq.Options) =>
      users.create(
        {
          loginName: required(options.getLoginName()),
          fullName: options.getFullName(),
          groups: options.getGroupsList(),
        },
        required(options.getPassword()),
      ),
    ),
    // The password of the request is not used, as on the real server.
    update: asAdmin(messages.UpdateResp, (options: messages.UpdateReq.Options) =>
      users.update(options.getLoginName(), {
        fullName: options.getFullName(),
        groups: options.getGroupsList(),
      }),
    ),
    enable: asAdmin(messages.EnableResp, (options: messages.EnableReq.Options) =>
      users.update(options.getLoginName(), { disabled: false }),
    ),
    disable: asAdmin(messages.DisableResp, (options: messages.DisableReq.Options) =>
      users.update(options.getLoginName(), { disabled: true }),
    ),
    resetPassword: asAdmin(messages.ResetPasswordResp, (options: messages.ResetPasswordReq.Options) =>
      users.resetPassword(options.getLoginName(), required(options.getNewPassword())),
    ),
    details: detailsHandler(users, access),
  };
}

function detailsHandler(
  users: Users,
  access: Access,
): handleServerStreamingCall<messages.DetailsReq, messages.DetailsResp> {
  return (call) => {
    try {
      requireLogin(access.authenticate(readCredentials(call)), access);
      const login = required(call.request.getOptions()?.getLoginName() ?? '');
      call.write(new messages.DetailsResp().setUserDetails(toDetails(users.get(login))));
      call.end();
    } catch (error) {
      call.emit('error', toServiceError(error));
    }
  };
}

/** An anonymous caller is no user. */
function requireLogin(user: User, access: Access): void {
  if (user.login === undefined) access.requireAdmin(user);
}

function toDetails({ loginName, fullName, groups, disabled }: StoredUser): messages.DetailsResp.UserDetails {
  return new messages.DetailsResp.UserDetails()
    .setLoginName(loginName)
    .setFullName(fullName)
    .setGroupsList([...groups])
    .setDisabled(disabled);
}

/** This server has no list of all users, so a login name is required for details, too. */
function required(text: string): string {
  if (text === '') throw new BadRequestError('A required field is empty.');
  return text;
}
