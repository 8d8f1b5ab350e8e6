import { describe, expect, it } from 'vitest'
import { airHref, alarmHref, alarmsHref, messagesHref, route } from './route'

describe('the address after #', () => {
  it.each(['kali-1:kiosk-1.gauge.water_level:1795280400000', 'kali/2:a?b#c%:1', 'é:x:1'])('leads to alarm %s and back', (id) => {
    expect(route(alarmHref(id))).toEqual({ page: 'alarm', id })
  })
  it('knows villages, lists with what they are asked, and the rejected', () => {
    expect(route('#35.10.24.2008')).toEqual({ page: 'village', code: '35.10.24.2008' })
    expect(route('#tertolak')).toEqual({ page: 'dead' })
    const asked = new URLSearchParams({ state: 'all', village: '35.10.24.2008' })
    expect(route(alarmsHref(asked))).toEqual({ page: 'alarms', asked })
    expect(alarmsHref(new URLSearchParams())).toBe('#peringatan')
    expect([route('#kontak'), route('#senyap')]).toEqual([{ page: 'people' }, { page: 'silences' }])
    expect(route(messagesHref(asked))).toEqual({ page: 'messages', asked })
    expect(messagesHref(new URLSearchParams())).toBe('#pesan')
  })
  it('leads to an air station and back', () => {
    expect(route('#udara')).toEqual({ page: 'air', station: null })
    expect(route(airHref('kiosk-1.debu/1'))).toEqual({ page: 'air', station: 'kiosk-1.debu/1' })
  })
  it.each(['', '#', '#semua', '#alarm/', '#35.10'])('leads home from %s', (hash) => {
    expect(route(hash)).toEqual({ page: 'home' })
  })
  it('takes a broken encoding as it stands', () => {
    expect(route('#alarm/%E0%A4')).toEqual({ page: 'alarm', id: '%E0%A4' })
  })
})
