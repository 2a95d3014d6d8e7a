import './pico.scss'
import 'uplot/dist/uPlot.min.css'
import './page.css'
import { render } from 'preact'
import { App } from './views/app.tsx'

const root = document.querySelector('#app')
if (root) render(<App />, root)
