/** What the regency's API says of rivers, rain and slopes. Everything throws `ApiError`. */
import { getJson, postJson } from '../../api/request'
import type { Learnt, Rain, River, Slope, Tide } from '../../rivers/types'

export const rivers = () => getJson<River[]>('/api/v1/rivers')
export const travel = (gauge: string) => getJson<Learnt[]>(`/api/v1/rivers/gauges/${encodeURIComponent(gauge)}/travel`)
export const tide = (gauge: string) => getJson<Tide>(`/api/v1/rivers/gauges/${encodeURIComponent(gauge)}/tide`)
export const rain = (village: string) => getJson<Rain>(`/api/v1/rain?village=${village}`)
export const slopes = (village: string) => getJson<Slope[]>(`/api/v1/slopes?village=${village}`)

export interface Marked {
  village: string
  name: string
  latitude: number
  longitude: number
  note: string
}
export const markSlope = (body: Marked, key: string | null) => postJson<Slope>('/api/v1/slopes', body, key)
export const withdrawSlope = (id: number, why: string, key: string | null) => postJson<Slope>(`/api/v1/slopes/${id}/withdraw`, { why }, key)
