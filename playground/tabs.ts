import { byId } from './dom.js';

/** Tabs by the WAI-ARIA pattern with automatic activation: arrows, Home and End move, one tab is in the tab order. */
export function openTabs(): void {
  const tabs = [...document.querySelectorAll<HTMLButtonElement>('[role=tab]')];

  function open(tab: HTMLButtonElement): void {
    for (const each of tabs) {
      const isOpen = each === tab;
      each.setAttribute('aria-selected', String(isOpen));
      each.tabIndex = isOpen ? 0 : -1;
      byId(each.getAttribute('aria-controls')!).hidden = !isOpen;
    }
    const name = tab.id.replace('tab-', '');
    history.replaceState(null, '', name === 'comment' ? location.pathname : `#${name}`);
  }

  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => open(tab));
    tab.addEventListener('keydown', (event) => {
      const steps: Record<string, number> = {
        ArrowRight: index + 1,
        ArrowLeft: index - 1,
        Home: 0,
        End: tabs.length - 1,
      };
      const step = steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const next = tabs.at(step % tabs.length)!;
      next.focus();
      open(next);
    });
  });
  open(tabs.find(({ id }) => id === `tab-${location.hash.slice(1)}`) ?? tabs[0]!);
}
