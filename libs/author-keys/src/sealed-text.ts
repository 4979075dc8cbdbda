import type { KeyObject } from 'node:crypto';
import type { TextContext } from '#libs/event-store/read-only';
import { decrypt, encrypt } from './aes-gcm.js';

/** Binds a ciphertext to its event: copied to another event, stream, field or author, it cannot be decrypted. */
const contextOf = ({ authorId, streamId, eventId, field }: TextContext): string =>
  `text\0${authorId}\0${streamId}\0${eventId}\0${field}`;

/** Encrypts a text of an event with its author's key. */
export const sealText = (key: KeyObject, text: string, context: TextContext): string =>
  encrypt(key, Buffer.from(text), contextOf(context)).toString('base64url');

/** @returns undefined if the key is another one, or the ciphertext was changed or copied from another event */
export const openText = (key: KeyObject, sealed: string, context: TextContext): string | undefined =>
  decrypt(key, Buffer.from(sealed, 'base64url'), contextOf(context))?.toString();
