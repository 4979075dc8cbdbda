import { Inject, Injectable, Optional } from '@nestjs/common';
import { verifyLink, type LinkKeys, type LinkPurpose } from '#libs/mail';
import { LINK_KEYS } from '../tokens.js';
import type { Link } from './link.js';

const PURPOSES: readonly LinkPurpose[] = ['accept', 'preferences', 'unsubscribe'];

@Injectable()
export class LinkReader {
  constructor(@Optional() @Inject(LINK_KEYS) private readonly keys: LinkKeys | undefined) {}

  /** What a good token says; undefined for any other, and for all while no keys are configured. */
  read(token: string): Link | undefined {
    if (this.keys === undefined) return undefined;
    for (const purpose of PURPOSES) {
      const claims = verifyLink(this.keys, token, purpose, new Date());
      if (claims !== undefined) return { ...claims, token };
    }
    return undefined;
  }
}
