// The command line as a few files instead of 600: a node spends two thirds of its start on finding modules otherwise.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** One sign beyond Latin-1 makes V8 keep two bytes for each of a file's three million. */
const ascii = {
  name: 'ascii',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) if (file.type === 'chunk') file.code = file.code.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  },
};

export default defineConfig({
  root: at('.'),
  publicDir: false,
  plugins: [ascii],
  ssr: {
    noExternal: true,
    // They find a binary beside themselves.
    external: ['classic-level', 'serialport', '@jitl/quickjs-wasmfile-release-sync'],
  },
  build: {
    ssr: true,
    target: 'node20',
    // As deep below dist as dist/src/cli, so that addresses relative to a module stay what they are.
    outDir: at('dist/bundle/node'),
    emptyOutDir: true,
    minify: false,
    rollupOptions: {
      // The command line, and what runs in threads of its own.
      input: {
        'command-line': at('dist/src/command-line.js'),
        'heartbeat-thread': at('dist/src/platform/heartbeat-thread.js'),
        'site-worker': at('dist/src/cli/site-worker.js'),
        'sheet-worker': at('dist/src/cli/sheet-worker.js'),
        'text-worker': at('dist/src/cli/text-worker.js'),
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
