import { Injectable } from '@nestjs/common';
import {
  InvalidDataError,
  isSignedOperatorCommand,
  OPERATOR_COMMAND_TYPES,
  OPERATOR_SIGNATURE_HEADER,
  type CommandMessage,
} from '#libs/contracts';
import type { ConsumedMessage } from '#libs/kafka';
import { isProduction, parseInternalSecrets } from '#libs/platform';
import { CommandConfig } from '../config.js';

/** Tells commands of operators, which the api signs, from those that another publisher has made up. */
@Injectable()
export class OperatorCommands {
  private readonly secrets: readonly string[];
  private readonly isRequired: boolean;

  constructor(config: CommandConfig) {
    const { OPERATOR_COMMAND_SECRETS: secrets } = config;
    this.secrets = secrets === undefined ? [] : parseInternalSecrets(secrets);
    this.isRequired = secrets !== undefined || isProduction(config);
  }

  /** @throws InvalidDataError for a command of an operator without a valid signature; in development without secrets, none is needed */
  readonly assertAuthentic = (command: CommandMessage, message: Pick<ConsumedMessage, 'header'>): void => {
    if (!this.isRequired || !OPERATOR_COMMAND_TYPES.has(command.type)) return;
    if (!isSignedOperatorCommand(this.secrets, command, message.header(OPERATOR_SIGNATURE_HEADER))) {
      throw new InvalidDataError([`header ${OPERATOR_SIGNATURE_HEADER} must be a signature of the api`]);
    }
  };
}
