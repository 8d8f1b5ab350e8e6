/** The words of registering a field and of what a farmer does on his phone. */
import { addWords, type Messages } from '../messages/registry'
import indonesian from './words/id.json'

addWords(indonesian, import.meta.glob<Messages>(['./words/*.json', '!./words/id.json'], { import: 'default' }))
