import { mount } from 'svelte'
import '../styles/base.css'
import { language } from '../language.svelte'
import Tinjau from './Tinjau.svelte'

language.use(new URLSearchParams(location.search).get('lang'))

export default mount(Tinjau, { target: document.getElementById('app')! })
