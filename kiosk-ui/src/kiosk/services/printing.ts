/** A slip of paper as the edge tells it. */
export interface Printed {
  job: string
  state: 'waiting' | 'printing' | 'done' | 'perhaps' | 'dropped'
  /** whether it may be printed once more */
  more: boolean
  printer: { state: 'ready' | 'paper_out' | 'cover_open' | 'error' | 'offline' | 'silent' | 'unreachable' }
}

/** The key of what is said to whoever waits for the paper. */
export function saying({ state, printer }: Printed): string {
  if (state !== 'waiting' && state !== 'printing') return `service.print.${state}`
  if (printer.state === 'ready') return 'service.print.busy'
  return printer.state === 'paper_out' || printer.state === 'cover_open' || printer.state === 'error' ? `service.print.${printer.state}` : 'service.print.off'
}
