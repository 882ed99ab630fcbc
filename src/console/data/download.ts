import { fetchBlob } from './rest.js';

/** Saves what a node answers as a file. A plain link would go without the credential where the other node is asked. */
export async function download(base: string, path: string, name: string): Promise<void> {
  save(name, await fetchBlob(base, path));
}

export function saveText(name: string, text: string, type: string): void {
  save(name, new Blob([text], { type }));
}

function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
