import { addWords, type Messages } from '../messages/registry'
import indonesian from './words/id.json'

addWords(indonesian, import.meta.glob<Messages>(['./words/*.json', '!./words/id.json'], { import: 'default' }))
