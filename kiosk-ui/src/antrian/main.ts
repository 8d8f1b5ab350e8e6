import { mount } from 'svelte'
import '../styles/base.css'
import './antrian.css'
import '../queue/words'
import Antrian from './Antrian.svelte'

export default mount(Antrian, { target: document.getElementById('app')! })
