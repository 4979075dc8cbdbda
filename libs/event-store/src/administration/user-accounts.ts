import { convertToCommandError, LoginNotFoundError, type EventStoreDBClient } from '@eventstore/db-client';
import users from '@eventstore/db-client/generated/users_pb.js';
import { internalsOf, UsersClient } from '../wire/client-internals.js';

interface UserAccount {
  readonly login: string;
  readonly fullName: string;
  readonly isDisabled: boolean;
}

type Stub = InstanceType<typeof UsersClient>;
type Metadata = Parameters<Stub['create']>[1];
type Options = Parameters<Stub['create']>[2];
type Done = (error: Error | null) => void;

/** Manages the users of an event store. Needs an administrator's login, except for `find`. */
export class UserAccounts {
  constructor(private readonly client: EventStoreDBClient) {}

  /** @returns the user, or undefined if there is none */
  async find(login: string): Promise<UserAccount | undefined> {
    const request = new users.DetailsReq().setOptions(new users.DetailsReq.Options().setLoginName(login));
    try {
      return await internalsOf(this.client).execute(UsersClient, 'details', async (stub) => {
        let found: UserAccount | undefined;
        for await (const response of stub.details(request, ...this.callArguments())) {
          const details = (response as users.DetailsResp).getUserDetails()!;
          found = {
            login,
            fullName: details.getFullName(),
            isDisabled: details.getDisabled(),
          };
        }
        return found;
      });
    } catch (error) {
      const failure = convertToCommandError(error as Error);
      if (failure instanceof LoginNotFoundError) return undefined;
      throw failure;
    }
  }

  async create(login: string, fullName: string, password: string): Promise<void> {
    const options = new users.CreateReq.Options()
      .setLoginName(login)
      .setFullName(fullName)
      .setPassword(password);
    const request = new users.CreateReq().setOptions(options);
    await this.call('create', (stub, metadata, call, done) => stub.create(request, metadata, call, done));
  }

  async resetPassword(login: string, password: string): Promise<void> {
    const options = new users.ResetPasswordReq.Options().setLoginName(login).setNewPassword(password);
    const request = new users.ResetPasswordReq().setOptions(options);
    await this.call('resetPassword', (stub, metadata, call, done) =>
      stub.resetPassword(request, metadata, call, done),
    );
  }

  async enable(login: string): Promise<void> {
    const request = new users.EnableReq().setOptions(new users.EnableReq.Options().setLoginName(login));
    await this.call('enable', (stub, metadata, call, done) => stub.enable(request, metadata, call, done));
  }

  private async call(
    name: string,
    call: (stub: Stub, metadata: Metadata, options: Options, done: Done) => void,
  ): Promise<void> {
    await internalsOf(this.client).execute(
      UsersClient,
      name,
      (stub) =>
        new Promise<void>((resolve, reject) => {
          call(stub, ...this.callArguments(), (error) => {
            if (error === null) resolve();
            else reject(convertToCommandError(error));
          });
        }),
    );
  }

  private callArguments(): [Metadata, Options] {
    return internalsOf(this.client).callArguments({ requiresLeader: true }, {});
  }
}
