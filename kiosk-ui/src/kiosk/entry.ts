/** A page behind a door that has a menu: Lingkungan, Layanan. */
import type { Component } from 'svelte'
import type { Alarm } from '../api/types'
import type { Edge } from './edge.svelte'

export interface PageProps {
  edge: Edge
  onalarm: (alarm: Alarm) => void
  /** one step back within the page; null where *Kembali* leaves it */
  back?: (() => void) | null
}

export interface Entry {
  name: string
  /** by its name in `components/icons.ts` */
  icon: string
  page: Component<PageProps, Record<string, never>, 'back'>
  /** whether this kiosk has it; always, when left out */
  there?: (edge: Edge) => boolean
}
