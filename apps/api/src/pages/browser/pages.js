// Progressive enhancement: all pages work without this script. It submits forms in place, so that typed text survives
// an outage and the end of a session, and the rest of the page stays where it is. It keeps no state.

const REPLACED = { replaced: true };

addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute('method') !== 'post') return;
  event.preventDefault();
  // Ignores a second submission while the first is pending.
  if (form.getAttribute('aria-busy') === 'true') return;
  form.setAttribute('aria-busy', 'true');
  void answerInPlace(form).catch(() => sayWhyNot(form, document.body.dataset.tryAgain ?? ''));
});

async function answerInPlace(form) {
  const address = form.getAttribute('action') ?? location.href;
  const body = new URLSearchParams(new FormData(form));
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
  if (redirected && shown !== location.href) {
    history.replaceState(REPLACED, '');
    history.pushState(REPLACED, '', shown);
  }
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.documentElement.dir = page.documentElement.dir;
  document.body.replaceWith(page.body);
  countCharacters();
  // Moves the focus to the notice, which screen readers then announce, or else to the content.
  const first = document.querySelector('[autofocus]') ?? document.querySelector('main');
  first?.focus();
}

/** The link opens another tab; after signing in there, the same button works. */
function saySignIn(form, page) {
  const link = page.querySelector('main a');
  link?.setAttribute('target', '_blank');
  sayWhyNot(form, page.title, link);
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

/** Counts code points, as the service does. */
function countCharacters() {
  for (const field of document.querySelectorAll('textarea[data-limit]')) {
    const counter = document.createElement('p');
    counter.className = 'soft counter';
    const count = () => {
      const left = Number(field.dataset.limit) - Array.from(field.value.trim()).length;
      counter.textContent = `${field.dataset.left} ${left}`;
      counter.classList.toggle('over', left < 0);
    };
    field.addEventListener('input', count);
    field.after(counter);
    count();
  }
}

// A replaced page is not cached: going back to it reloads it. Links within a page have no state.
addEventListener('popstate', ({ state }) => {
  if (state?.replaced) location.reload();
});

countCharacters();
