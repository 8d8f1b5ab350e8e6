/** The DCAT catalogue as people read it. */
import type { Text } from '../api/types'

type Words = { '@language': string; '@value': string }[]
interface Reference {
  '@id': string
}

export interface Catalogue {
  'dct:publisher'?: { 'foaf:name': string }
  'dct:license'?: Reference
  'dcat:dataset': {
    'dct:identifier': string
    'dct:title': Words
    'dct:description': Words
    /** not of tables of services, which have a file a year */
    'dct:temporal'?: { 'dcat:startDate': { '@value': string }; 'dcat:endDate': { '@value': string } }
    'dct:spatial': { 'locn:geographicName': string }
    'dcat:keyword': Words
    'dcat:contactPoint'?: { 'vcard:hasEmail': string }
    'dcat:distribution': { 'dct:title': string; 'dcat:downloadURL': Reference; 'dcat:mediaType': Reference }[]
  }[]
}

export interface File {
  year: string
  kind: 'spreadsheet' | 'csv' | 'parquet'
  href: string
}

export interface Dataset {
  id: string
  name: Text
  place: string
  description: Text
  /** empty for a table of services */
  from: string
  to: string
  files: File[]
}

export interface OpenData {
  publisher: string
  licence: string
  contact: string
  datasets: Dataset[]
}

const text = (words: Words): Text => Object.fromEntries(words.map((w) => [w['@language'], w['@value']]))

/** The same place on the host that the page came from: behind a proxy the catalogue may name another. */
const local = (url: string): string => {
  const { pathname, search } = new URL(url)
  return pathname + search
}

export function read(found: Catalogue): OpenData {
  const datasets = found['dcat:dataset']
  return {
    publisher: found['dct:publisher']?.['foaf:name'] ?? '',
    licence: found['dct:license']?.['@id'] ?? '',
    contact: datasets[0]?.['dcat:contactPoint']?.['vcard:hasEmail'].replace(/^mailto:/, '') ?? '',
    datasets: datasets.map((d) => ({
      id: d['dct:identifier'],
      name: text(d['dcat:keyword']),
      place: d['dct:spatial']['locn:geographicName'],
      description: text(d['dct:description']),
      from: d['dct:temporal']?.['dcat:startDate']['@value'] ?? '',
      to: d['dct:temporal']?.['dcat:endDate']['@value'] ?? '',
      files: d['dcat:distribution'].flatMap((file): File[] => {
        const year = file['dct:title'].split(',')[0]!
        const href = local(file['dcat:downloadURL']['@id'])
        if (file['dcat:mediaType']['@id'].endsWith('parquet')) return [{ year, kind: 'parquet', href }]
        if (!d['dct:temporal']) return [{ year, kind: 'spreadsheet', href }]
        return [
          { year, kind: 'spreadsheet', href: `${href}&separator=semicolon&decimal=comma` },
          { year, kind: 'csv', href },
        ]
      }),
    })),
  }
}
