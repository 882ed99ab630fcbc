// The client library as one file that a page without a bundler imports from a node: http://<node>/client.js
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export default defineConfig({
  root: at('.'),
  publicDir: false,
  build: {
    lib: { entry: at('src/client-sdk/index.ts'), formats: ['es'], fileName: () => 'client.js' },
    outDir: at('dist/console'),
    emptyOutDir: false,
    target: 'es2022',
    minify: false,
  },
});
