/** The request is not as the protocol wants it. */
export class BadRequestError extends Error {}

/** An event comes without a property that it must have. */
export class MissingPropertyError extends BadRequestError {
  constructor(property: string) {
    super(`Required Metadata Property '${property}' is missing`);
  }
}

/** The events of one append are too large together. */
export class AppendTooLargeError extends Error {
  /** As by the real server's default; bytes. */
  static readonly limit = 1024 * 1024;

  constructor() {
    super(`Maximum Append Size of ${AppendTooLargeError.limit} Exceeded.`);
  }
}

/** The write was given up while the disk had not answered: it may still come to be. */
export class WriteTimeoutError extends Error {
  constructor() {
    super('Operation timed out');
  }
}
