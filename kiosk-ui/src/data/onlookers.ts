/** Who may stand at a kiosk, as it goes on record; how it is said in another language, the messages know. */
export const ONLOOKERS = [
  { key: 'warga', by: 'Warga' },
  { key: 'rt', by: 'Ketua RT' },
  { key: 'desa', by: 'Perangkat desa' },
  { key: 'petugas', by: 'Petugas kios' },
] as const

/** Who may answer for a field, as it goes on record; whoever does not say is the first of `ONLOOKERS`. */
export const FARMERS = [
  { key: 'petani', by: 'Petani' },
  { key: 'keluarga', by: 'Keluarga petani' },
  { key: 'penyuluh', by: 'Penyuluh' },
] as const
export const NOBODY_NAMED = ONLOOKERS[0].by
