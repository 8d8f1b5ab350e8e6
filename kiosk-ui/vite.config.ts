import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What the farmer's page needs at once, besides its own files. One file of it, since a phone fetches six at a time and pays a turn for more. */
const BASE =
  /\/src\/(language\.|now\.|messages\/(registry|id\.json)|format\/|api\/(request|stream)|charts\/gaps|data\/advice|tani\/(own|kept)\.|styles\/|components\/(AlarmBanner|EmptyState|ErrorNote|LanguageSwitch|Mark|RangeChoice|ReadingLine|ReasonFold|UrgencyMark)\.svelte)|\/node_modules\/(svelte|intl-messageformat|@formatjs)\//

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
        lapor: at('lapor.html'),
        kabupaten: at('kabupaten.html'),
        tinjau: at('tinjau.html'),
        terbuka: at('terbuka.html'),
        petugas: at('petugas.html'),
        pohon: at('pohon.html'),
        udara: at('udara.html'),
        periksa: at('periksa.html'),
        antrian: at('antrian.html'),
        loket: at('loket.html'),
      },
      output: { codeSplitting: { groups: [{ name: 'base', test: BASE }] } },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8090' } },
  test: { include: ['src/**/*.test.ts'] },
})
