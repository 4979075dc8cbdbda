/** What a user of this service does with the event store. */
export interface InstallationUser {
  readonly login: string;
  readonly purpose: string;
  readonly readsLog: boolean;
  readonly writesAccounts: boolean;
}

/** The users of an installation, each with the rights that it needs. All of them read accounts' streams. */
export const INSTALLATION_USERS: readonly InstallationUser[] = [
  {
    login: 'invitations-command',
    purpose: "the command app: reads accounts' streams and appends to them",
    readsLog: false,
    writesAccounts: true,
  },
  {
    login: 'invitations-projector',
    purpose: 'the projector and its tools: reads $all',
    readsLog: true,
    writesAccounts: false,
  },
  {
    login: 'invitations-replay',
    purpose: 'the weekly verification: reads $all',
    readsLog: true,
    writesAccounts: false,
  },
  {
    login: 'invitations-analyst',
    purpose: 'analysts and operators with replay and mail-ledger: reads $all',
    readsLog: true,
    writesAccounts: false,
  },
];
