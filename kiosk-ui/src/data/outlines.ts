/** The outlines, fetched once when a map is first shown: of villages, and of kecamatan put together from them by their code. */
import type { MultiPolygon } from 'geojson'
import { feature, merge } from 'topojson-client'
import type { GeometryCollection, MultiPolygon as TopoMulti, Polygon as TopoPolygon, Topology } from 'topojson-specification'
import url from '../../.generated/banyuwangi_desa.topo.json?url'
import { getJson } from '../api/request'
import type { Outlines } from '../components/map-shapes'
import type { Named } from '../components/names'

type Desa = Topology<{ desa: GeometryCollection<Named> }>

let topology: Promise<Desa> | null = null

function fetched(): Promise<Desa> {
  topology ??= getJson<Desa>(url).catch((error: unknown) => {
    topology = null // asked again, it is fetched again
    throw error
  })
  return topology
}

export async function loadOutlines(): Promise<Outlines> {
  const found = await fetched()
  return feature(found, found.objects.desa) as Outlines
}

export const kecamatanOf = (code: string) => code.slice(0, 8)

/** By the code's prefix, 35.10.24: outlines and codes are of different years, so geometry would say otherwise here and there. */
export async function loadKecamatan(): Promise<Outlines> {
  const found = await fetched()
  const groups = new Map<string, { name: string; parts: (TopoPolygon<Named> | TopoMulti<Named>)[] }>()
  for (const each of found.objects.desa.geometries as (TopoPolygon<Named> | TopoMulti<Named>)[]) {
    const code = kecamatanOf(String(each.id))
    const group = groups.get(code) ?? { name: each.properties?.kecamatan ?? code, parts: [] }
    group.parts.push(each)
    groups.set(code, group)
  }
  return {
    type: 'FeatureCollection',
    features: [...groups].map(([code, { name, parts }]) => ({
      type: 'Feature',
      id: code,
      properties: { name, type: 'kecamatan', kecamatan: name },
      geometry: whole(merge(found, parts as (TopoPolygon | TopoMulti)[]) as MultiPolygon),
    })),
  }
}

/** Simplified neighbours leave slivers between them; no kecamatan has a hole. */
const whole = (shape: MultiPolygon): MultiPolygon => ({ ...shape, coordinates: shape.coordinates.map((rings) => rings.slice(0, 1)) })
