/** The six classes of the regency map, worst first. Each has a word, a shape and a colour. */
import type { Alarm, Node } from '../api/types'

export const CLASSES = ['alarm', 'offline', 'conflict', 'incomplete', 'online', 'none'] as const
export type VillageClass = (typeof CLASSES)[number]

export interface VillageState {
  kind: VillageClass
  /** of the worst alarm in force, when `kind` is alarm */
  severity: number
}

export const NO_NODE: VillageState = { kind: 'none', severity: 0 }

/** State of every village that has a node or an alarm, by code. */
export function villageStates(nodes: Node[], alarms: Alarm[]): Map<string, VillageState> {
  const states = new Map<string, VillageState>()
  const put = (code: string, kind: VillageClass, severity = 0) => {
    const before = states.get(code)
    const worse = !before || CLASSES.indexOf(kind) < CLASSES.indexOf(before.kind)
    if (worse || (kind === 'alarm' && severity > before.severity)) states.set(code, { kind, severity })
  }
  // what was withdrawn is nobody's trouble any more
  for (const node of nodes) if (node.state !== 'withdrawn') put(node.village, node.state === 'online' ? (node.complete ? 'online' : 'incomplete') : node.state)
  for (const alarm of alarms) if (alarm.state === 'firing') put(alarm.village, 'alarm', alarm.severity)
  return states
}
