// What the pages do better with JavaScript; all of it works without. Forms are answered in place: what was typed
// survives an outage and the end of a session, and the rest of the page stays where it is. No state is kept here.

const REPLACED = { replaced: true };

addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute('method') !== 'post') return;
  event.preventDefault();
  // A second press while the first is under way.
  if (form.getAttribute('aria-busy') === 'true') return;
  form.setAttribute('aria-busy', 'true');
  void answerInPlace(form).catch(() => sayWhyNot(form, document.body.dataset.tryAgain ?? ''));
});

async function answerInPlace(form) {
  const address = form.getAttribute('action') ?? location.href;
  const body = new URLSearchParams(new FormData(form));
  const response = await fetch(address, { method: 'POST', body, credentials: 'same-origin' });
  const html = await response.text();
  // Later it may work: what was typed stays.
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
  // Said aloud by screen readers; without anything to say, the page begins at its content.
  const first = document.querySelector('[autofocus]') ?? document.querySelector('main');
  first?.focus();
}

/** In another tab: then the same press again does what it was to do. */
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

/** In code points, as the service counts. */
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

// A page that was replaced is not kept: going back to it loads it. A link within a page has no state.
addEventListener('popstate', ({ state }) => {
  if (state?.replaced) location.reload();
});

countCharacters();
