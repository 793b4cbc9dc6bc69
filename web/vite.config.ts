/** Builds the dashboard to dist/web, and serves it while it is worked on (`npm run dev:web`). */

import { fileURLToPath } from 'node:url'
import type { UserConfig } from 'vite'

/** Where the OMA listens whose numbers the development server shows. */
const OMA = process.env['OMA'] ?? 'http://127.0.0.1:8082'

const config: UserConfig = {
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Behind a proxy that puts a path before it, too.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2024',
    // What the Content-Security-Policy does not allow is not made: neither inlined files nor a polyfill.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: OMA, ws: true } },
  },
}

// oxlint-disable-next-line import/no-default-export -- vite asks for it
export default config
