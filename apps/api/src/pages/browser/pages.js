// Progressive enhancement: all pages work without this script. It submits forms in place, so that typed text survives
// an outage and the end of a session, and the rest of the page stays where it is. It keeps no state.

const REPLACED = { replaced: true };

addEventListener('submit', (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.getAttribute('method') !== 'post') return;
  event.preventDefault();
  // Ignores a second submission while the first is pending.
  if (form.getAttribute('aria-busy') === 'true') return;
  form.setAttribute('aria-busy', 'true');
  void answerInPlace(form, submitter).catch(() => sayWhyNot(form, document.body.dataset.tryAgain ?? ''));
});

async function answerInPlace(form, submitter) {
  const address = submitter?.getAttribute('formaction') ?? form.getAttribute('action') ?? location.href;
  const body = new URLSearchParams(new FormData(form, submitter));
  const response = await fetch(address, { method: 'POST', body, credentials: 'same-origin' });
  const html = await response.text();
  // A later try may succeed: the typed text stays.
  if (response.status >= 500 || response.status === 429) throw new Error(String(response.status));
  const page = new DOMParser().parseFromString(html, 'text/html');
  if (response.status === 401) return saySignIn(form, page);
  show(page, response);
}

function show(page, { redirected, url }) {
  const shown = url.split('#')[0];
  const isSamePage = redirected && shown === location.href.split('#')[0];
  const top = scrollY;
  if (redirected && !isSamePage) {
    history.replaceState(REPLACED, '');
    history.pushState(REPLACED, '', shown);
  }
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.documentElement.dir = page.documentElement.dir;
  document.body.replaceWith(page.body);
  enhance();
  // The member stays where they were, next to the notice, which has the focus: screen readers say it.
  scrollTo(0, isSamePage ? top : 0);
  const first = document.querySelector('[autofocus]') ?? document.querySelector('main');
  first?.focus({ preventScroll: true });
  if (isSamePage) first?.scrollIntoView({ block: 'nearest' });
}

/** The link opens another tab; after signing in there, the same button works. */
function saySignIn(form, page) {
  const link = page.querySelector('main a');
  link?.setAttribute('target', '_blank');
  sayWhyNot(form, page.querySelector('h1')?.textContent ?? page.title, link);
}

function sayWhyNot(form, text, link) {
  form.removeAttribute('aria-busy');
  form.querySelector('[data-failure]')?.remove();
  const said = document.createElement('p');
  said.dataset.failure = '';
  said.className = 'said bad';
  said.setAttribute('role', 'alert');
  said.append(text, ...(link ? [' ', link] : []));
  form.append(said);
}

/** Milliseconds without typing, after which screen readers say how many characters are left. */
const SPOKEN_AFTER = 1000;

/** Counts code points, as the service does. */
function countCharacters(field) {
  const [shown, spoken] = ['soft counter', 'unseen'].map((name) => {
    const element = document.createElement('p');
    element.className = name;
    return element;
  });
  spoken.setAttribute('aria-live', 'polite');
  shown.setAttribute('aria-hidden', 'true');
  let timer;
  const count = () => {
    const left = Number(field.dataset.limit) - Array.from(field.value.trim()).length;
    const text = left < 0 ? field.dataset.over : field.dataset.left;
    shown.textContent = text.replace('#', Math.abs(left));
    shown.classList.toggle('over', left < 0);
    clearTimeout(timer);
    timer = setTimeout(() => (spoken.textContent = shown.textContent), SPOKEN_AFTER);
  };
  field.addEventListener('input', count);
  field.after(shown, spoken);
  count();
}

/** While all e-mails are off, the choice of their kinds waits. */
function followMasterSwitch(form) {
  const master = form.elements.namedItem('all');
  const kinds = form.querySelector('fieldset');
  const follow = () => (kinds.disabled = !master.checked);
  master.addEventListener('change', follow);
  follow();
}

/** Milliseconds between two looks at the inbox, while the page is visible. */
const NEWS_EVERY = 30_000;

/** Updates the number beside "Inbox", and announces new invitations without moving anything that is being read. */
async function refreshNews() {
  const { news } = document.body.dataset;
  if (document.hidden || news === undefined) return;
  const response = await fetch(news, { credentials: 'same-origin' });
  // Signed out meanwhile, or an outage: the page stays as it is.
  if (!response.ok) return;
  const { waiting, badge, spoken, title, fresh, show: label } = await response.json();
  // The page was replaced while the response was on its way.
  if (document.body.dataset.news !== news) return;
  const shown = document.querySelector('.badge');
  shown.hidden = waiting === 0;
  shown.children[0].textContent = badge;
  shown.children[1].textContent = spoken;
  if (!news.includes('after=')) return;
  document.title = `${title} · ${document.title.split(' · ').slice(1).join(' · ')}`;
  announce(fresh, label);
}

function announce(fresh, label) {
  const heading = document.querySelector('h1');
  const existing = document.querySelector('.news');
  if (fresh === '') return existing?.remove();
  const news = existing ?? document.createElement('p');
  if (existing === null) {
    news.className = 'news';
    news.setAttribute('role', 'status');
    heading.after(news);
  }
  const text = `${fresh} · ${label}`;
  if (news.textContent === text) return;
  const link = document.createElement('a');
  link.href = '/inbox';
  link.textContent = text;
  news.replaceChildren(link);
}

const refresh = () => void refreshNews().catch(() => undefined);
setInterval(refresh, NEWS_EVERY);
document.addEventListener('visibilitychange', refresh);

function enhance() {
  for (const field of document.querySelectorAll('textarea[data-limit]')) countCharacters(field);
  for (const form of document.querySelectorAll('form[data-preferences]')) followMasterSwitch(form);
}

// A replaced page is not cached: going back to it reloads it. Links within a page have no state.
addEventListener('popstate', ({ state }) => {
  if (state?.replaced) location.reload();
});

enhance();
