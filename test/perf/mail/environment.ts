/** Settings that the app and the raw client share. */
export const FROM = 'Invitations <invitations@network.example>';
export const PUBLIC_URL = 'https://network.example';
export const LINK_KEYS = `bench:${Buffer.alloc(32, 1).toString('base64url')}`;
