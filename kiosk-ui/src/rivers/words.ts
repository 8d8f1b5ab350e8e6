import { addWords, type Messages } from '../messages/registry'
import id from './words/id.json'

addWords(id, import.meta.glob<Messages>(['./words/*.json', '!./words/id.json'], { import: 'default' }))
