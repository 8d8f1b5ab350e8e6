/** The nine doors of the kiosk, in their place on the 3 × 3 grid. A door without a service is not shown. */
import type { Door } from './quantities'

export interface DoorEntry {
  door: Door
  icon: string
  /** the page behind the door, or null while there is none */
  service: 'readings' | 'announcements' | 'farming' | 'environment' | 'prices' | 'services' | null
}

export const DOORS: DoorEntry[] = [
  { door: 'layanan', icon: 'file', service: 'services' },
  { door: 'kesehatan', icon: 'health', service: null },
  { door: 'pendidikan', icon: 'school', service: null },
  { door: 'ekonomi', icon: 'shop', service: 'prices' },
  { door: 'kemiskinan', icon: 'hands', service: null },
  { door: 'informasi', icon: 'megaphone', service: 'announcements' },
  { door: 'tatakelola', icon: 'landmark', service: null },
  { door: 'pertanian', icon: 'sprout', service: 'farming' },
  { door: 'lingkungan', icon: 'trees', service: 'environment' },
]

export const openDoors = (doors: DoorEntry[] = DOORS) => doors.filter((d) => d.service !== null)
