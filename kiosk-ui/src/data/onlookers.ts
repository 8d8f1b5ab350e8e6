/** Who may stand at a kiosk, as it goes on record; how it is said in another language, the messages know. */
export const ONLOOKERS = [
  { key: 'warga', by: 'Warga' },
  { key: 'rt', by: 'Ketua RT' },
  { key: 'desa', by: 'Perangkat desa' },
  { key: 'petugas', by: 'Petugas kios' },
] as const
