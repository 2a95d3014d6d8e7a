import '@picocss/pico/css/pico.classless.min.css'
import { render } from 'preact'

const root = document.querySelector('main')
if (root) render(<h1>Freshet</h1>, root)
