import { mount } from 'svelte'
import '../styles/base.css'
import Kiosk from './Kiosk.svelte'

export default mount(Kiosk, { target: document.getElementById('app')! })
