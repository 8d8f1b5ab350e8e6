/** Pages of the staff's desk. To add one: a line here, its component, its words. Each is fetched when it is opened. */
import type { Component } from 'svelte'
import '../gerbang/words'
import './mutu-air/words'
import './bulanan/words'
import './laporan/words'
import './layanan/words'
import './kepuasan/words'
import './antrian/words'
import './pengaduan/words'
import './definisi/words'
import './simpan/words'
import './kebocoran/words'
import './terbuka/words'
import './kios/words'
import type { Role } from '../api/session'
import type { Desk } from './desk.svelte'

export interface PageProps {
  desk: Desk
  /** what follows the page's name in the address, decoded: `#penduduk/abc` gives `abc` */
  rest: string
}

export interface Page {
  /** after `#` in the address */
  name: string
  /** its title's key */
  title: string
  /** who sees it; nobody named: everybody */
  roles: Role[]
  load: () => Promise<{ default: Component<PageProps> }>
}

export const PAGES: Page[] = [
  { name: 'permohonan', title: 'inbox.title', roles: ['petugas', 'kades'], load: () => import('./layanan/Requests.svelte') },
  { name: 'tandatangan', title: 'sign.title', roles: ['kades'], load: () => import('./layanan/Signing.svelte') },
  { name: 'buku-surat', title: 'register.title', roles: ['petugas', 'kades'], load: () => import('./layanan/Register.svelte') },
  { name: 'layanan', title: 'catalogue.title', roles: ['petugas', 'kades'], load: () => import('./layanan/Catalogue.svelte') },
  { name: 'definisi', title: 'definition.title', roles: ['operator'], load: () => import('./definisi/Definitions.svelte') },
  { name: 'antrian', title: 'queueing.title', roles: ['petugas', 'kades', 'officer'], load: () => import('./antrian/Queue.svelte') },
  { name: 'pengaduan', title: 'complaints.title', roles: ['petugas', 'kades', 'inspektur'], load: () => import('./pengaduan/Complaints.svelte') },
  { name: 'kepuasan', title: 'satisfaction.title', roles: ['petugas', 'kades', 'officer'], load: () => import('./kepuasan/Satisfaction.svelte') },
  { name: 'penduduk', title: 'residents.title', roles: ['petugas', 'kades'], load: () => import('./residents/Residents.svelte') },
  { name: 'impor', title: 'import.title', roles: ['petugas', 'kades'], load: () => import('./residents/ImportPage.svelte') },
  { name: 'data-pribadi', title: 'privacy.title', roles: ['petugas', 'kades'], load: () => import('./residents/Privacy.svelte') },
  { name: 'masa-simpan', title: 'retention.title', roles: ['petugas', 'kades', 'operator', 'inspektur'], load: () => import('./simpan/Retention.svelte') },
  { name: 'kebocoran', title: 'breach.title', roles: ['petugas', 'kades', 'operator'], load: () => import('./kebocoran/Breaches.svelte') },
  { name: 'kios', title: 'kiosks.title', roles: ['operator', 'officer'], load: () => import('./kios/Kiosks.svelte') },
  { name: 'gerbang', title: 'gate.title', roles: ['petugas', 'kades', 'officer'], load: () => import('../gerbang/Gate.svelte') },
  { name: 'laporan', title: 'reports.title', roles: ['petugas', 'kades', 'officer', 'operator'], load: () => import('./laporan/Reports.svelte') },
  { name: 'mutu-air', title: 'water.title', roles: ['petugas', 'officer', 'operator'], load: () => import('./mutu-air/Water.svelte') },
  { name: 'data-terbuka', title: 'opening.title', roles: ['petugas', 'kades', 'officer', 'operator'], load: () => import('./terbuka/Openings.svelte') },
  { name: 'laporan-bulanan', title: 'monthly.title', roles: [], load: () => import('./bulanan/Monthly.svelte') },
  { name: 'pengguna', title: 'accounts.title', roles: ['operator'], load: () => import('./Accounts.svelte') },
  { name: 'harga', title: 'harga.title', roles: ['petugas', 'kades', 'officer', 'operator'], load: () => import('./Prices.svelte') },
]

export const visible = (roles: readonly Role[]): Page[] => PAGES.filter((p) => !p.roles.length || p.roles.some((r) => roles.includes(r)))

/** `{ name, rest }` of an address: `#penduduk/abc` */
export function place(hash: string): { name: string; rest: string } {
  const [name = '', ...rest] = hash.replace(/^#/, '').split('/')
  const text = rest.join('/')
  try {
    return { name, rest: decodeURIComponent(text) }
  } catch {
    return { name, rest: text } // as it stands where a hand has broken the encoding
  }
}
