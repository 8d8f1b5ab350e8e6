/** Server-sent events that come back by themselves. The browser retries a broken line but gives up on a refused one; we do not. */

type Handlers = Record<string, (data: never) => void>

export interface Stream {
  close(): void
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 15_000
/** A line that held this long was a good one: the next wait is short again. */
const HELD_MS = 10_000

export function openStream(url: string, handlers: Handlers, onstate: (open: boolean) => void): Stream {
  let source: EventSource | null = null
  let wait = FIRST_WAIT_MS
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false

  const connect = () => {
    let openedAt = Infinity
    source = new EventSource(url)
    source.onopen = () => {
      openedAt = Date.now()
      onstate(true)
    }
    source.onerror = () => {
      onstate(false)
      source?.close()
      if (closed) return
      if (Date.now() - openedAt > HELD_MS) wait = FIRST_WAIT_MS
      timer = setTimeout(connect, wait * (0.75 + Math.random() / 2))
      wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => {
        let data: unknown
        try {
          data = JSON.parse((event as MessageEvent<string>).data)
        } catch {
          return // a torn event is not worth a broken page; the next one comes
        }
        handle(data as never)
      })
    }
  }
  connect()

  return {
    close() {
      closed = true
      clearTimeout(timer)
      source?.close()
    },
  }
}
