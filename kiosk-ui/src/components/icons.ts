/** The Lucide icons in use, by the name the data files give them. An icon never stands without its word. */
import {
  CircleGauge,
  CloudRain,
  Droplets,
  FileText,
  HandHeart,
  HeartPulse,
  Landmark,
  Megaphone,
  School,
  Search,
  Sprout,
  Store,
  Thermometer,
  TreePalm,
  UserRound,
  Waves,
  Wind,
  Haze,
} from '@lucide/svelte'

export const ICONS = {
  gauge: CircleGauge,
  rain: CloudRain,
  droplets: Droplets,
  file: FileText,
  hands: HandHeart,
  health: HeartPulse,
  landmark: Landmark,
  megaphone: Megaphone,
  school: School,
  search: Search,
  sprout: Sprout,
  shop: Store,
  thermometer: Thermometer,
  person: UserRound,
  trees: TreePalm,
  waves: Waves,
  wind: Wind,
  air: Haze,
} as const

export const icon = (name: string) => ICONS[name as keyof typeof ICONS] ?? ICONS.gauge
