import { expect, it } from 'vitest'
import { read, type Catalogue } from './catalogue'

const MEDIA = 'https://www.iana.org/assignments/media-types/'
const file = (title: string, url: string, media = 'text/csv') => ({ 'dct:title': title, 'dcat:downloadURL': { '@id': url }, 'dcat:mediaType': { '@id': MEDIA + media } })
const words = (id: string) => [{ '@language': 'id', '@value': id }]

it('a dataset has its quantity for a name, its own host’s files, and months where a year is too much', () => {
  const found: Catalogue = {
    'dct:publisher': { 'foaf:name': 'Dinas' },
    'dct:license': { '@id': 'https://licence.example/' },
    'dcat:dataset': [
      {
        'dct:identifier': '35.10.24.2008/pm25',
        'dct:title': words('Debu halus, PM2,5, Desa Tamansari (35.10.24.2008)'),
        'dct:description': words('Satuan ug/m3'),
        'dct:temporal': { 'dcat:startDate': { '@value': '2026-01-01' }, 'dcat:endDate': { '@value': '2026-03-01' } },
        'dct:spatial': { 'locn:geographicName': 'Tamansari' },
        'dcat:contactPoint': { 'vcard:hasEmail': { '@id': 'mailto:data@example.go.id' } },
        'dcat:distribution': [file('2026-03, CSV', 'https://elsewhere.example/a.csv?start=1'), file('2026-03, Parquet', 'https://elsewhere.example/a.parquet?start=1', 'application/vnd.apache.parquet')],
      },
      {
        'dct:identifier': 'complaints',
        'dct:title': words('Pengaduan layanan publik'),
        'dct:description': words('Menurut desa'),
        'dct:spatial': { 'locn:geographicName': 'Banyuwangi' },
        'dcat:distribution': [file('2026, CSV', 'https://elsewhere.example/c.csv?year=2026')],
      },
    ],
  }
  const { datasets, contact, publisher } = read(found)
  expect([publisher, contact]).toEqual(['Dinas', 'data@example.go.id'])
  expect(datasets.map((d) => d.name.id)).toEqual(['Debu halus, PM2,5', 'Pengaduan layanan publik'])
  expect(datasets.map((d) => d.files.map((f) => `${f.part} ${f.kind} ${f.href}`))).toEqual([
    ['2026-03 spreadsheet /a.csv?start=1&separator=semicolon&decimal=comma', '2026-03 csv /a.csv?start=1', '2026-03 parquet /a.parquet?start=1'],
    ['2026 spreadsheet /c.csv?year=2026'],
  ])
})
