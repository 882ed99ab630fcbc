import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Relative addresses throughout (`base`), so that a node may serve the console below any path. */
export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [react()],
  build: {
    outDir: here('../../dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    // Everything that the first page needs is one chunk: a plant LAN has latency to spare and no CDN.
    chunkSizeWarningLimit: 1500,
  },
  server: {
    proxy: {
      '/api': process.env.TANDEM_NODE ?? 'http://127.0.0.1:8080',
      '/ws': { target: process.env.TANDEM_NODE ?? 'http://127.0.0.1:8080', ws: true },
    },
  },
});
