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
    'dcat:contactPoint'?: { 'vcard:hasEmail': Reference }
    'dcat:distribution': { 'dct:title': string; 'dcat:downloadURL': Reference; 'dcat:mediaType': Reference }[]
  }[]
}

export interface File {
  /** `2026`, or `2026-03`, `2026-03-14` where a year is too much for one file */
  part: string
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

/** Without the village's name, which stands beside it. */
const short = (words: Words, id: string): Text => {
  const code = id.split('/')[0]!
  return Object.fromEntries(words.map((w) => [w['@language'], w['@value'].endsWith(`(${code})`) ? w['@value'].slice(0, w['@value'].lastIndexOf(', ')) : w['@value']]))
}

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
    contact: datasets[0]?.['dcat:contactPoint']?.['vcard:hasEmail']['@id'].replace(/^mailto:/, '') ?? '',
    datasets: datasets.map((d) => ({
      id: d['dct:identifier'],
      name: short(d['dct:title'], d['dct:identifier']),
      place: d['dct:spatial']['locn:geographicName'],
      description: text(d['dct:description']),
      from: d['dct:temporal']?.['dcat:startDate']['@value'] ?? '',
      to: d['dct:temporal']?.['dcat:endDate']['@value'] ?? '',
      files: d['dcat:distribution'].flatMap((file): File[] => {
        const part = file['dct:title'].split(',')[0]!
        const href = local(file['dcat:downloadURL']['@id'])
        if (file['dcat:mediaType']['@id'].endsWith('parquet')) return [{ part, kind: 'parquet', href }]
        if (!d['dct:temporal']) return [{ part, kind: 'spreadsheet', href }]
        return [
          { part, kind: 'spreadsheet', href: `${href}&separator=semicolon&decimal=comma` },
          { part, kind: 'csv', href },
        ]
      }),
    })),
  }
}
