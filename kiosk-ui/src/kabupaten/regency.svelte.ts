/** What the regency page knows: nodes, alarms, villages, dead letters; live, and each part failing by itself. */
import { getJson } from '../api/request'
import { openStream } from '../api/stream'
import type { Alarm, CloudHealth, Command, DeadLetter, Handling, Node, Output, Reading, Series, Village } from '../api/types'
import { troubles, type Trouble } from '../data/trouble'
import { villageStates } from '../data/village-state'
import { bySeverity } from '../format/severity'

const REFRESH_MS = 20_000
export const DEAD_LETTERS_SHOWN = 200

export class Regency {
  nodes = $state<Node[]>([])
  alarms = $state<Alarm[]>([])
  villages = $state.raw<Village[]>([])
  deadLetters = $state.raw<DeadLetter[]>([])
  /** what does not work in the centre */
  troubles = $state.raw<Trouble[]>([])
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  /** when the last full answer came, milliseconds */
  at = $state<number | null>(null)
  live = $state(false)
  /** last readings heard since the page opened, by series */
  heard = $state<Record<string, Reading>>({})

  /** the last word on what somebody did about an alarm */
  handled = $state.raw<{ alarm: string; handling: Handling } | null>(null)
  /** the last word on an output or a command, for whoever shows that village */
  told = $state.raw<{ village: string } | null>(null)

  /** messages changed, at a village or for the regency */
  messaged = $state(0)

  readonly states = $derived(villageStates(this.nodes, this.alarms))
  readonly byCode = $derived(new Map(this.villages.map((v) => [v.code, v])))

  start() {
    void this.load()
    const timer = setInterval(() => void this.load(), REFRESH_MS)
    let opened = false
    const stream = openStream(
      '/api/v1/stream',
      {
        reading: (reading: Reading) => (this.heard[reading.id] = reading),
        alarm: (alarm: Alarm) => {
          const known = this.alarms.find((a) => a.id === alarm.id)
          const others = this.alarms.filter((a) => a.id !== alarm.id)
          this.alarms = bySeverity(alarm.state === 'firing' ? [...others, { ...known, ...alarm }] : others)
        },
        handling: (told: { alarm: string; handling: Handling }) => {
          this.handled = told
          this.alarms = this.alarms.map((a) => (a.id === told.alarm ? { ...a, handling: told.handling } : a))
        },
        message: () => this.messaged++,
        output: (output: Output) => (this.told = output),
        command: (command: Command) => (this.told = command),
        health: () => void this.look().catch(() => {}), // the next full answer has it
        node: ({ village, node, state }: Pick<Node, 'village' | 'node' | 'state'>) => {
          const known = this.nodes.find((n) => n.node === node && n.village === village)
          if (known) known.state = state
          else void this.load()
        },
      },
      (open) => {
        if (open && opened) void this.load()
        opened ||= open
        this.live = open
      },
    )
    return () => {
      clearInterval(timer)
      stream.close()
    }
  }

  async load() {
    const done = await Promise.allSettled([
      this.look(),
      getJson<Node[]>('/api/v1/nodes').then((n) => (this.nodes = n)),
      getJson<Alarm[]>('/api/v1/alarms?state=firing').then((a) => (this.alarms = bySeverity(a))),
      this.villages.length ? null : getJson<Village[]>('/api/v1/villages').then((v) => (this.villages = v)),
      getJson<DeadLetter[]>(`/api/v1/dead-letters?limit=${DEAD_LETTERS_SHOWN}`).then((d) => (this.deadLetters = d)),
    ])
    if (done.every((d) => d.status === 'fulfilled')) {
      this.state = 'ready'
      this.at = Date.now()
    } else if (this.state === 'loading') {
      this.state = 'failed'
    }
  }

  async look() {
    this.troubles = troubles((await getJson<CloudHealth>('/api/v1/healthz')).checks)
  }

  series(village: string): Promise<Series[]> {
    return getJson<Series[]>(`/api/v1/series?village=${village}`)
  }
}
