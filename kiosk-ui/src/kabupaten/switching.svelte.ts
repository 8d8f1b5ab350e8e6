/** The outputs of one village, commands to them and their history; live, and looked at again while an answer is awaited. */
import { getJson, postJson } from '../api/request'
import type { Command, LogLine, Output } from '../api/types'

const OPEN_MS = 2_000
const LINES = 100

export const isOpen = (command: Command | null | undefined): boolean => command?.state === 'queued' || command?.state === 'sent'

export class Switching {
  outputs = $state<Output[] | null>(null)
  commands = $state<Command[]>([])
  lines = $state.raw<LogLine[]>([])
  failed = $state(false)

  constructor(readonly village: string) {}

  /** The last command given to an output. */
  last(output: Output): Command | null {
    return this.commands.find((c) => c.node === output.node && c.output === output.name) ?? null
  }

  async load() {
    const of = `village=${this.village}`
    try {
      const [outputs, commands, lines] = await Promise.all([
        getJson<Output[]>(`/api/v1/outputs?${of}`),
        getJson<Command[]>(`/api/v1/commands?${of}&limit=50`),
        getJson<LogLine[]>(`/api/v1/output-log?${of}&limit=${LINES}`),
      ])
      this.outputs = outputs
      this.commands = commands
      this.lines = lines
      this.failed = false
    } catch {
      this.failed = true
    }
  }

  /** Streams may be cut: while a command is open it is asked for. */
  watch() {
    const timer = setInterval(() => {
      if (this.commands.some(isOpen)) void this.load()
    }, OPEN_MS)
    return () => clearInterval(timer)
  }

  /** Throws `ApiError`. */
  async give(output: Output, wanted: { on: boolean; seconds: number | null; by: string; reason: string; expires_in: number }, key: string) {
    const path = `/api/v1/outputs/${encodeURIComponent(output.node)}/${encodeURIComponent(output.name)}/commands`
    const given = await postJson<Command>(path, wanted, key)
    if (!this.commands.some((c) => c.id === given.id)) this.commands = [given, ...this.commands]
    void this.load()
  }
}
