/** The board of the queue, as long as the page is open: it comes with the line and follows it. */
import { openStream } from '../api/stream'
import { getJson } from '../api/request'
import type { Board } from './types'

export class Watch {
  board = $state.raw<Board | null>(null)
  connected = $state(false)
  /** when the line broke, milliseconds; null while it holds */
  lostAt = $state<number | null>(null)
  #village: Board['village'] | null = null

  /** `onboard` is called with each new board. Returns what ends it. */
  start(onboard: (board: Board) => void = () => {}): () => void {
    const stream = openStream(
      '/api/queue/stream',
      {
        queue: (board: Board) => {
          this.#village = board.village ?? this.#village
          this.board = { ...board, village: this.#village ?? { name: '', type: 'desa', kecamatan: '' } }
          onboard(this.board)
        },
      },
      (open) => {
        this.connected = open
        this.lostAt = open ? null : (this.lostAt ?? Date.now())
      },
    )
    return () => stream.close()
  }

  /** Once, for who does not watch. Throws `ApiError`. */
  async look(): Promise<Board> {
    this.board = await getJson<Board>('/api/queue')
    return this.board
  }
}
