import { mount } from 'svelte'
import '../styles/base.css'
import './loket.css'
import '../queue/words'
import Loket from './Loket.svelte'

export default mount(Loket, { target: document.getElementById('app')! })
