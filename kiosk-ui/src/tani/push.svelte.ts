/** Whether this phone is told of warnings while the page is closed, and how that is begun and ended. */
import { ApiError, deleteAt, getJson, postJson } from '../api/request'
import type { Field } from '../api/types'
import { language } from '../language.svelte'

export type PushState = 'none' | 'unable' | 'idle' | 'wait' | 'running' | 'denied' | 'failed'

const KEPT = 'tani:push'

export class Push {
  /** `none`: the regency sends no push, or it is not known yet */
  state = $state<PushState>('none')
  /** the field that was chosen when it was begun */
  field = $state('')
  #key = ''

  /** What the phone and the regency can do; a phone that is told already says so again, since keys change. */
  async start(field: Field) {
    try {
      this.#key = (await getJson<{ key: string | null }>('/api/v1/push/key')).key ?? ''
    } catch {
      return // no line: the next visit asks again
    }
    if (!this.#key) return
    if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis)) {
      this.state = 'unable'
      return
    }
    const told = recall()
    const worker = await navigator.serviceWorker.getRegistration('/tani')
    const old = told && Notification.permission === 'granted' ? await worker?.pushManager.getSubscription() : null
    if (!old) this.state = Notification.permission === 'denied' ? 'denied' : 'idle'
    else await this.#tell(old, { id: told!.field, name: told!.name, village: told!.village }).catch(() => (this.state = 'running'))
    if (told && old) this.field = told.name
    else this.field = field.name
  }

  async subscribe(field: Field) {
    this.state = 'wait'
    try {
      if ((await Notification.requestPermission()) !== 'granted') {
        this.state = 'denied'
        return
      }
      const worker = await navigator.serviceWorker.ready
      const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(this.#key) })
      await this.#tell(subscription, field)
    } catch {
      this.state = Notification.permission === 'denied' ? 'denied' : 'failed'
    }
  }

  async unsubscribe() {
    this.state = 'wait'
    const told = recall()
    try {
      if (told) await deleteAt(`/api/v1/push/${told.id}`)
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) {
        this.state = 'failed'
        return
      }
    }
    forget()
    const worker = await navigator.serviceWorker.getRegistration('/tani')
    await (await worker?.pushManager.getSubscription())?.unsubscribe().catch(() => {})
    this.state = 'idle'
  }

  async #tell(subscription: PushSubscription, field: Pick<Field, 'id' | 'name' | 'village'>) {
    const { endpoint, keys } = subscription.toJSON()
    const wanted = { village: field.village, fields: [field.id], language: language.code, endpoint, keys }
    const { id } = await postJson<{ id: string }>('/api/v1/push', wanted)
    keep({ id, field: field.id, name: field.name, village: field.village })
    this.field = field.name
    this.state = 'running'
  }
}

interface Told {
  id: string
  field: string
  name: string
  village: string
}

function recall(): Told | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Told | null
  } catch {
    return null
  }
}

function keep(told: Told) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(told))
  } catch {
    // no store: it works until the page is closed, and is then begun anew
  }
}

function forget() {
  try {
    localStorage.removeItem(KEPT)
  } catch {
    // see above
  }
}

function bytes(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(text, (c) => c.charCodeAt(0))
}
