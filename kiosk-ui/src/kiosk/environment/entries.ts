/**
 * What is behind the door Lingkungan, one line a page. A page is given `edge` and `onalarm`; one with steps of its own binds `back`,
 * which *Kembali* then calls in place of going back to this menu. Words: `<name>.door` is its title, `<name>.door.text` one line below it.
 */
import type { Entry, PageProps } from '../entry'
import '../../air/words'
import '../../rivers/words'
import Air from './air/Air.svelte'
import '../../pohon/words'
import DoorReadings from './DoorReadings.svelte'
import River from './river/River.svelte'
import Trees from './trees/Trees.svelte'
import Lapor from './lapor/Lapor.svelte'
import '../../lapor/words'

export type { Entry, PageProps }

export const ENTRIES: Entry[] = [
  { name: 'air', icon: 'air', page: Air },
  { name: 'river', icon: 'waves', page: River },
  { name: 'trees', icon: 'trees', page: Trees },
  { name: 'readings', icon: 'gauge', page: DoorReadings },
  { name: 'lapor', icon: 'megaphone', page: Lapor },
]
