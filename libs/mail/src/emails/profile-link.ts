/** No link of ours holds what could end it, hide where it leads, or need escaping in plain text. */
const LINK = /^https?:\/\/[^\s<>"\p{Cc}\p{Bidi_Control}]+$/iu;

/** The member's own address for their profile, exactly as it is; another scheme than http(s) gives the one by their id. */
export function profileLink(profileUrl: string, memberId: string, profileBaseUrl: string): string {
  return LINK.test(profileUrl) && URL.canParse(profileUrl) ? profileUrl : `${profileBaseUrl}${memberId}`;
}
