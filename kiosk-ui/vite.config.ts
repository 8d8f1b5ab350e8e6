import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  base: '/',
  plugins: [svelte()],
  build: {
    outDir: 'kampung_ui/dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        kiosk: at('kiosk.html'),
        tani: at('tani.html'),
        kabupaten: at('kabupaten.html'),
        tinjau: at('tinjau.html'),
        terbuka: at('terbuka.html'),
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8090' } },
  test: { include: ['src/**/*.test.ts'] },
})
