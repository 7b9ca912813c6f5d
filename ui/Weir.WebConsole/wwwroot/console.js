// The little that HTML can't do alone: modal dialogs, menus that close, and the clipboard. It holds no state and talks to nobody.

function openDialog(dialog) {
  dialog.opener = document.activeElement;
  dialog.addEventListener('cancel', event => {
    event.preventDefault();
    dialog.querySelector('[data-close]')?.click();
  });
  dialog.showModal();
}

new MutationObserver(changes => {
  for (const change of changes) {
    for (const node of change.addedNodes) {
      if (node instanceof Element) {
        const dialogs = node.matches('dialog[data-modal]') ? [node] : node.querySelectorAll('dialog[data-modal]');
        for (const dialog of dialogs) {
          if (!dialog.open) {
            openDialog(dialog);
          }
        }
      }
    }
    for (const node of change.removedNodes) {
      if (node instanceof Element) {
        const dialog = node.matches('dialog[data-modal]') ? node : node.querySelector('dialog[data-modal]');
        if (dialog?.opener?.isConnected) {
          dialog.opener.focus();
        }
      }
    }
  }
}).observe(document.body, { childList: true, subtree: true });

async function copyText(text, near) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }

  // Without a secure context there is no clipboard API.
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'copy-area';
  near.after(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

document.addEventListener('click', async event => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest('[data-copy]');
  if (button) {
    const source = document.getElementById(button.dataset.copy);
    if (source) {
      try {
        await copyText(source.textContent, button);
        button.dataset.copied = 'yes';
      } catch {
        button.dataset.copied = 'no';
      }
      setTimeout(() => delete button.dataset.copied, 2000);
    }
  }

  for (const menu of document.querySelectorAll('details[data-menu][open]')) {
    if (!menu.contains(target) || target?.closest('a, button')) {
      menu.open = false;
    }
  }
});

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    for (const menu of document.querySelectorAll('details[data-menu][open]')) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
  }
});
