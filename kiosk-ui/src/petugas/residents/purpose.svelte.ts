/** Why the data are read: chosen before the first reading, and again by whoever changes his errand. */
import { getJson } from '../../api/request'
import type { Law } from './types'

let chosen = $state('')
let laws = $state.raw<{ purposes: Law[]; rights: Law[] } | null>(null)

export const purpose = {
  get code() {
    return chosen
  },
  set code(code: string) {
    chosen = code
  },
  get all() {
    return laws?.purposes ?? []
  },
  get rights() {
    return laws?.rights ?? []
  },
  get title() {
    return laws?.purposes.find((p) => p.code === chosen)?.title ?? chosen
  },
  /** Throws `ApiError`. */
  async load() {
    laws ??= await getJson('/api/v1/residents/purposes')
  },
}
