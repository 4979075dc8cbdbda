import { Inject, Injectable, Optional } from '@nestjs/common';
import { type LinkClaims, signLink, verifyLink, type LinkKeys, type LinkPurpose } from '#libs/mail';
import type { PageResponse } from '../pages/layout/view.js';

/** The keys that sign links; undefined: every link of an e-mail is rejected. */
export const LINK_KEYS = Symbol('link keys');

/** A link with a valid token. */
export interface Link extends LinkClaims {
  readonly token: string;
}

/** Handles the links of one purpose: `show` changes nothing, only `submit` acts (D12). */
export interface LinkHandler {
  show(link: Link): Promise<PageResponse>;
  submit(link: Link, form: unknown): Promise<PageResponse>;
}

const PURPOSES: readonly LinkPurpose[] = ['accept', 'preferences', 'unsubscribe'];

@Injectable()
export class LinkVerifier {
  constructor(@Optional() @Inject(LINK_KEYS) private readonly keys: LinkKeys | undefined) {}

  /** Signs a link that follows from a valid one, so there are keys. */
  sign(claims: LinkClaims): string {
    return signLink(this.keys!, claims);
  }

  /**
   * Returns the claims of a valid token; undefined for any other token, and for all of them while no keys are
   * configured.
   */
  verify(token: string): Link | undefined {
    if (this.keys === undefined) return undefined;
    for (const purpose of PURPOSES) {
      const claims = verifyLink(this.keys, token, purpose, new Date());
      if (claims !== undefined) return { ...claims, token };
    }
    return undefined;
  }
}
