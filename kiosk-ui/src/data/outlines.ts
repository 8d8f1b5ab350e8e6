/** The village outlines, fetched once when the map is first shown. */
import type { FeatureCollection, MultiPolygon, Polygon } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import url from '../../.generated/banyuwangi_desa.topo.json?url'
import { getJson } from '../api/request'
import type { Named } from '../components/names'

type Outlines = FeatureCollection<Polygon | MultiPolygon, Named>

export async function loadOutlines(): Promise<Outlines> {
  const topology = await getJson<Topology<{ desa: GeometryCollection<Named> }>>(url)
  return feature(topology, topology.objects.desa) as Outlines
}
