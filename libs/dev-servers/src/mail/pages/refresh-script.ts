/** Puts new mail on the list without a reload, so that scrolling and focus stay. */
export const refreshScript = `
const parts = ['messages', 'count'];
setInterval(async () => {
  if (document.hidden) return;
  const response = await fetch(location.href).catch(() => undefined);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const id of parts) {
    const shown = document.getElementById(id);
    const next = fresh.getElementById(id);
    if (shown.innerHTML !== next.innerHTML) shown.replaceChildren(...next.childNodes);
  }
  document.title = fresh.title;
}, 2000);
`;
