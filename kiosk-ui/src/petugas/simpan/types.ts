/** As the API tells what is over its time. */
export interface Kind {
  kind: string
  title: string
  what: string
  days: number
  since: string
  source: string
  mark: string
  /** over their time */
  count: number
  oldest: string | null
  /** in a proposal that nobody has decided */
  waiting: number
  held: number
}

export interface Destruction {
  id: number
  state: 'proposed' | 'done' | 'refused'
  note: string
  by: string
  at: string
  second: string
  decided: string | null
  reason: string
  number: string
  counts: Record<string, number>
  hash: string
  /** proposed by whoever asks */
  mine: boolean
}

export interface Held {
  kind: string
  subject: string
  reason: string
  by: string
  at: string
}

export interface Retention {
  /** by which clock it was counted */
  now: string
  kinds: Kind[]
  keeps: { title: string; why: string; source: string }[]
  destructions: Destruction[]
  holds: Held[]
  /** photos of what was destroyed that are still on the disk */
  files: number
  broken: string | null
  backups: string
}
