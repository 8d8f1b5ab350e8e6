/**
 * What is behind the door Layanan, one line a page, as `environment/entries.ts` does. Words: `<name>.door` is its title,
 * `<name>.door.text` one line below it.
 */
import type { Entry } from '../entry'
import './words'
import MinePage from '../identity/MinePage.svelte'
import '../identity/words'
import Complaints from '../complaints/Complaints.svelte'
import '../complaints/words'
import FollowPage from './FollowPage.svelte'
import '../queue/words'
import QueuePage from '../queue/QueuePage.svelte'
import Services from './Services.svelte'

export const ENTRIES: Entry[] = [
  { name: 'service.ask', icon: 'file', page: Services },
  { name: 'service.mine', icon: 'search', page: FollowPage },
  { name: 'who.mine', icon: 'person', page: MinePage },
  { name: 'queue', icon: 'ticket', page: QueuePage, there: (edge) => edge.village?.queue ?? false },
  { name: 'complaint', icon: 'megaphone', page: Complaints },
]
